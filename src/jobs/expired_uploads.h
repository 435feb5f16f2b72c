#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"

namespace steno {

namespace blob {
class BlobStore;
}

/// The job whose audio is the upload's blob, while the upload's row does not say so yet: the
/// process may have died between the two. Blocks; throws StoreError.
std::optional<std::string> taker_of(Store& store, const Upload& upload);

/// Removes uploads whose time is over, but never the audio of a job: how many. To be called now and
/// then. Blocks; throws StoreError.
int remove_expired_uploads(Store& store, blob::BlobStore& blobs, Time now);

/// Removes what has come of an upload; its row stays.
Result<void> remove_upload_bytes(blob::BlobStore& blobs, const Upload& upload);

}  // namespace steno
