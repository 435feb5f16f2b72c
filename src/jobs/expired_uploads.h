#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "domain/upload.h"
#include "store/store.h"

namespace steno {

namespace blob {
class BlobStore;
}

/// Removes uploads whose time is over, but never the audio of a job, not even of one that is being
/// submitted: how many. To be called now and then. Blocks; throws StoreError.
int remove_expired_uploads(Store& store, blob::BlobStore& blobs, Time now);

/// Removes what has come of an upload; its row stays.
Result<void> remove_upload_bytes(blob::BlobStore& blobs, const Upload& upload);

}  // namespace steno
