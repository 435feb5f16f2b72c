#include "jobs/expired_uploads.h"

#include "blob/blob.h"
#include "store/upload_store.h"

namespace steno {

int remove_expired_uploads(Store& store, blob::BlobStore& blobs, Time now) {
  constexpr int kAtOnce = 1000;
  int removed = 0;
  for (const Upload& upload : store.uploads().expired(now, kAtOnce)) {
    // No job takes what has not come whole: that can go first, and is found again if it does not.
    if (!upload.blob.empty() && !blobs.partials().drop(upload.id)) continue;
    const auto expiry = store.uploads().expire(upload.id, now);
    if (expiry != UploadStore::Expiry::kept) ++removed;
    // The blob after its row, for a job that takes it meanwhile. What stays, the next start sweeps.
    if (expiry == UploadStore::Expiry::unused) (void)blobs.remove(upload.blob);
  }
  return removed;
}

Result<void> remove_upload_bytes(blob::BlobStore& blobs, const Upload& upload) {
  auto dropped = blobs.partials().drop(upload.id);
  return dropped ? blobs.remove(upload.blob) : dropped;
}

}  // namespace steno
