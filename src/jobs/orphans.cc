#include "jobs/orphans.h"

#include <string>
#include <unordered_set>
#include <vector>

#include "blob/blob.h"
#include "domain/upload.h"
#include "jobs/checkpoint_keys.h"
#include "jobs/trash.h"
#include "store/job_store.h"
#include "store/store.h"
#include "store/upload_store.h"

namespace steno {
namespace {

constexpr const char* kStages = "stages/";

/// The keys that rows name, and the jobs whose blobs are being written.
struct Named {
  std::unordered_set<std::string> keys;
  std::unordered_set<std::string> needed;  ///< of the keys, those that must exist
  std::unordered_set<std::string> processing;
  std::unordered_set<std::string> unfinished;
  std::unordered_set<std::string> jobs;  ///< of any state
};

Named named_by(Store& store) {
  Named named;
  // Uploads before jobs: if an upload becomes a job in between, its blob is then found there.
  for (const Upload& upload : store.uploads().all()) {
    named.keys.insert(upload.blob);
    if (upload.complete && !upload.blob.empty()) named.needed.insert(upload.blob);
  }
  JobQuery query;
  query.limit = 500;
  while (true) {
    const auto jobs = store.jobs().list(query);
    for (const Job& job : jobs) {
      named.jobs.insert(job.id);
      for (const std::string& key : {job.source.blob, job.result}) {
        if (key.empty()) continue;
        named.keys.insert(key);
        named.needed.insert(key);
      }
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

bool is_named(const Named& named, const std::string& key) {
  const std::string job = job_of(key);
  // A processing job names the blobs of its attempt only at the end.
  const auto& owners = key.starts_with(checkpoint_prefix(job)) ? named.unfinished
                       : key.starts_with(kStages)              ? named.jobs
                                                               : named.processing;
  return named.keys.contains(key) || owners.contains(job);
}

Result<void> list_all(blob::BlobStore& blobs,
                      const std::function<void(const blob::BlobInfo&)>& visit) {
  for (const char* prefix : {"audio/", "results/", kStages}) {
    if (auto listed = blobs.list(prefix, visit); !listed) return listed;
  }
  return {};
}

}  // namespace

Result<int> sweep_orphans(Store& store, blob::BlobStore& blobs, Time before,
                          const std::function<bool()>& may_go_on) {
  std::vector<std::string> old;
  const auto collect = [&](const blob::BlobInfo& blob) {
    if (blob.modified < before) old.push_back(blob.key);
  };
  if (auto listed = list_all(blobs, collect); !listed) return tl::unexpected(listed.error());
  if (old.empty()) return 0;
  const Named named = named_by(store);
  int moved = 0;
  for (const std::string& key : old) {
    if (is_named(named, key)) continue;
    if (!may_go_on()) break;
    if (auto gone = move_to_trash(blobs, key); !gone) return tl::unexpected(gone.error());
    ++moved;
  }
  return moved;
}

Result<Inventory> take_inventory(Store& store, blob::BlobStore& blobs) {
  Named named = named_by(store);
  Inventory inventory;
  const auto count = [&](const blob::BlobInfo& blob) {
    if (!is_named(named, blob.key)) ++inventory.unnamed;
    named.needed.erase(blob.key);
  };
  if (auto listed = list_all(blobs, count); !listed) return tl::unexpected(listed.error());
  inventory.missing = static_cast<int>(named.needed.size());
  return inventory;
}

}  // namespace steno
