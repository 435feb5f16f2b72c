#include "jobs/orphans.h"

#include <string>
#include <unordered_set>
#include <vector>

#include "blob/blob.h"
#include "domain/upload.h"
#include "jobs/checkpoint_keys.h"
#include "store/job_store.h"
#include "store/store.h"
#include "store/upload_store.h"

namespace steno {
namespace {

constexpr const char* kStages = "stages/";

/// The keys that rows name, and the jobs whose blobs are being written.
struct Named {
  std::unordered_set<std::string> keys;
  std::unordered_set<std::string> processing;
  std::unordered_set<std::string> unfinished;
  std::unordered_set<std::string> jobs;  ///< of any state
};

Named named_by(Store& store) {
  Named named;
  // Uploads before jobs: if an upload becomes a job in between, its blob is then found there.
  for (const Upload& upload : store.uploads().all()) named.keys.insert(upload.blob);
  JobQuery query;
  query.limit = 500;
  while (true) {
    const auto jobs = store.jobs().list(query);
    for (const Job& job : jobs) {
      named.jobs.insert(job.id);
      if (!job.source.blob.empty()) named.keys.insert(job.source.blob);
      if (!job.result.empty()) named.keys.insert(job.result);
      if (job.state == State::processing) named.processing.insert(job.id);
      if (!is_final(job.state)) named.unfinished.insert(job.id);
    }
    if (jobs.size() < static_cast<size_t>(query.limit)) return named;
    query.after_id = jobs.back().id;
  }
}

/// The second part of "results/<job>/<fence>.json", "audio/<job>/<fence>", "stages/<job>/<stage>".
std::string job_of(const std::string& key) {
  const size_t begin = key.find('/') + 1;
  const size_t end = key.find('/', begin);
  return end == std::string::npos ? std::string() : key.substr(begin, end - begin);
}

}  // namespace

Result<int> remove_orphans(Store& store, blob::BlobStore& blobs, Time before,
                           const std::function<bool()>& may_go_on) {
  std::vector<std::string> old;
  const auto collect = [&](const blob::BlobInfo& blob) {
    if (blob.modified < before) old.push_back(blob.key);
  };
  for (const char* prefix : {"audio/", "results/", kStages}) {
    if (auto listed = blobs.list(prefix, collect); !listed) return tl::unexpected(listed.error());
  }
  if (old.empty()) return 0;
  const Named named = named_by(store);
  int removed = 0;
  for (const std::string& key : old) {
    const std::string job = job_of(key);
    // A processing job names the blobs of its attempt only at the end.
    const auto& owners = key.starts_with(checkpoint_prefix(job)) ? named.unfinished
                         : key.starts_with(kStages)              ? named.jobs
                                                                 : named.processing;
    if (named.keys.contains(key) || owners.contains(job)) continue;
    if (!may_go_on()) break;
    if (auto gone = blobs.remove(key); !gone) return tl::unexpected(gone.error());
    ++removed;
  }
  return removed;
}

}  // namespace steno
