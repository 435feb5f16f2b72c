#include "service/pending_blobs.h"

#include "blob/blob.h"
#include "store/store.h"
#include "telemetry/log.h"

namespace steno::service {

Outcome<void> PendingBlobs::put(const std::string& key, std::string_view content) {
  const auto put = blob::put_blob(parts_.blobs, key, content);
  if (!put) {
    parts_.log.error("a blob was not stored", {{"error", put.error().message}});
    return refuse(storage_error(put.error()));
  }
  add(key);
  return {};
}

void PendingBlobs::keep_if_stored(std::string_view job_id) {
  try {
    if (parts_.store.jobs().find(job_id)) keep();
  } catch (const StoreError& error) {
    parts_.log.warning("the blobs of a submission of unknown outcome stay",
                       {{"job_id", job_id}, {"error", error.what()}});
    keep();
  }
}

void PendingBlobs::drop() {
  for (const std::string& key : std::exchange(keys_, {})) {
    if (const auto removed = parts_.blobs.remove(key); !removed) {
      parts_.log.warning("a blob that no job needs was not removed",
                         {{"error", removed.error().message}});
    }
  }
}

}  // namespace steno::service
