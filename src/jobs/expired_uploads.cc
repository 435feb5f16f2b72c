#include "jobs/expired_uploads.h"

#include "blob/blob.h"
#include "blob/staging.h"
#include "store/upload_store.h"

namespace steno {

int remove_expired_uploads(Store& store, blob::BlobStore& blobs, Time now,
                           const OnFailure& on_failure) {
  constexpr int kAtOnce = 1000;
  int removed = 0;
  for (const Upload& upload : store.uploads().expired(now, kAtOnce)) {
    const auto expiry = store.uploads().expire(upload.id, now);
    if (expiry != UploadStore::Expiry::kept) ++removed;
    // The blob after its row, in case a job takes it meanwhile. A blob that stays is an orphan.
    if (expiry != UploadStore::Expiry::unused) continue;
    if (const auto gone = blobs.remove(upload.blob); !gone && on_failure) {
      on_failure(Duty::expired_uploads, gone.error().message);
    }
  }
  return removed;
}

Result<size_t> sweep_staging(Store& store, blob::UploadStaging& staging, Time now) {
  return staging.sweep([&](std::string_view id) {
    const auto upload = store.uploads().find(id);
    return upload && !upload->complete && upload->expires_at > now;
  });
}

Result<void> remove_upload_bytes(blob::UploadStaging& staging, blob::BlobStore& blobs,
                                 const Upload& upload) {
  auto dropped = staging.drop(upload.id);
  return dropped ? blobs.remove(upload.blob) : dropped;
}

}  // namespace steno
