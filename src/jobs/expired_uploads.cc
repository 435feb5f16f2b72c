#include "jobs/expired_uploads.h"

#include <algorithm>

#include "blob/blob.h"

namespace steno {

std::optional<std::string> taker_of(Store& store, const Upload& upload) {
  JobQuery query;
  query.owner = upload.owner;
  query.created_after = upload.created_at - Milliseconds(1);
  query.limit = 500;
  for (;;) {
    const auto jobs = store.jobs().list(query);
    const auto takes = [&](const Job& job) { return job.source.blob == upload.blob; };
    if (const auto job = std::ranges::find_if(jobs, takes); job != jobs.end()) return job->id;
    if (jobs.size() < static_cast<size_t>(query.limit)) return std::nullopt;
    query.after_id = jobs.back().id;
  }
}

int remove_expired_uploads(Store& store, blob::BlobStore& blobs, Time now) {
  constexpr int kAtOnce = 1000;
  int removed = 0;
  for (const Upload& upload : store.uploads().expired(now, kAtOnce)) {
    const bool has_job = upload.blob.empty() || taker_of(store, upload);
    if (!has_job && !remove_upload_bytes(blobs, upload)) continue;  // next time
    if (store.uploads().erase(upload.id)) ++removed;
  }
  return removed;
}

Result<void> remove_upload_bytes(blob::BlobStore& blobs, const Upload& upload) {
  auto dropped = blobs.partials().drop(upload.id);
  return dropped ? blobs.remove(upload.blob) : dropped;
}

}  // namespace steno
