#pragma once

#include <cstddef>

#include "base/clock.h"
#include "base/result.h"
#include "domain/upload.h"
#include "store/store.h"
#include "telemetry/failure_log.h"

namespace steno {

namespace blob {
class BlobStore;
class UploadStaging;
}  // namespace blob

/// Removes the rows and blobs of uploads that have expired, but never the audio of a job, not even
/// of one that is being submitted. Returns their number. Staged bytes stay, on whatever machine
/// they are, for sweep_staging(). To be called at intervals by one process of the store.
/// `on_failure` receives the errors of the blob store. Blocks; throws StoreError.
int remove_expired_uploads(Store& store, blob::BlobStore& blobs, Time now,
                           const OnFailure& on_failure = {});

/// Discards the staged bytes of this machine that no open upload needs: its row is gone, expired or
/// complete. Returns the number of uploads discarded. To be called at intervals by each process
/// that stages uploads. Blocks; throws StoreError.
Result<size_t> sweep_staging(Store& store, blob::UploadStaging& staging, Time now);

/// Removes the bytes of an upload, staged or complete; its row stays.
Result<void> remove_upload_bytes(blob::UploadStaging& staging, blob::BlobStore& blobs,
                                 const Upload& upload);

}  // namespace steno
