#include "jobs/orphans.h"

#include <string>
#include <unordered_set>
#include <vector>

#include "blob/blob.h"
#include "domain/upload.h"
#include "store/job_store.h"
#include "store/store.h"
#include "store/upload_store.h"

namespace steno {
namespace {

constexpr const char* kStages = "stages/";

using Keys = std::unordered_set<std::string>;

Keys blobs_of_uploads(Store& store) {
  Keys keys;
  for (const Upload& upload : store.uploads().all()) keys.insert(upload.blob);
  return keys;
}

/// The second part of "results/<job>/<fence>.json", "audio/<job>/<fence>", "stages/<job>/<stage>".
std::string job_of(const std::string& key) {
  const size_t begin = key.find('/') + 1;
  const size_t end = key.find('/', begin);
  return end == std::string::npos ? std::string() : key.substr(begin, end - begin);
}

bool is_named(Store& store, const std::string& key) {
  if (const std::string id = job_of(key); !id.empty()) {
    if (const auto job = store.jobs().find(id)) {
      // A processing job names what its attempt writes only at the end.
      if (key.starts_with(kStages) || job->state == State::processing || job->result == key) {
        return true;
      }
    }
  }
  return store.jobs().find_by_blob(key).has_value();
}

}  // namespace

Result<int> remove_orphans(Store& store, blob::BlobStore& blobs, Time before,
                           const std::function<bool()>& may_go_on) {
  // Uploads before jobs: the blob of an upload that becomes a job meanwhile is then found there.
  const Keys uploads = blobs_of_uploads(store);
  int removed = 0;
  Result<void> state;
  bool goes_on = true;
  const auto visit = [&](const blob::BlobInfo& blob) {
    if (!goes_on || !state || blob.modified >= before) return;
    if (uploads.contains(blob.key) || is_named(store, blob.key)) return;
    goes_on = may_go_on();
    if (!goes_on) return;
    state = blobs.remove(blob.key);
    if (state) ++removed;
  };
  for (const char* prefix : {"audio/", "results/", kStages}) {
    const auto listed = blobs.list(prefix, visit);
    if (!listed) return tl::unexpected(listed.error());
    if (!state) return tl::unexpected(state.error());
  }
  return removed;
}

}  // namespace steno
