#include "jobs/expired_uploads.h"

#include <algorithm>

#include "blob/blob.h"

namespace steno {
namespace {

// Rows of uploads that a job has taken name no blob any more; but a process may have died after the
// job was made and before the row said so.
bool has_job(Store& store, const Upload& upload) {
  if (upload.blob.empty()) return true;
  JobQuery query;
  query.owner = upload.owner;
  query.created_after = upload.created_at - Milliseconds(1);
  query.limit = 500;
  for (;;) {
    const auto jobs = store.jobs().list(query);
    const auto takes = [&](const Job& job) { return job.source.blob == upload.blob; };
    if (std::ranges::any_of(jobs, takes)) return true;
    if (jobs.size() < static_cast<size_t>(query.limit)) return false;
    query.after_id = jobs.back().id;
  }
}

}  // namespace

int remove_expired_uploads(Store& store, blob::BlobStore& blobs, Time now) {
  constexpr int kAtOnce = 1000;
  int removed = 0;
  for (const Upload& upload : store.uploads().expired(now, kAtOnce)) {
    if (!has_job(store, upload) && !remove_upload_bytes(blobs, upload)) continue;  // next time
    if (store.uploads().erase(upload.id)) ++removed;
  }
  return removed;
}

Result<void> remove_upload_bytes(blob::BlobStore& blobs, const Upload& upload) {
  auto dropped = blobs.partials().drop(upload.id);
  return dropped ? blobs.remove(upload.blob) : dropped;
}

}  // namespace steno
