#include "jobs/unredacted.h"

#include <chrono>

#include "blob/blob.h"
#include "domain/job.h"
#include "store/job_store.h"

namespace steno {
namespace {

constexpr std::string_view kPrefix = "unredacted/";
constexpr std::chrono::hours kLongestSubmission{1};

std::string prefix_of(std::string_view job_id) {
  return std::string(kPrefix) + std::string(job_id) + "/";
}

bool is_needed(JobStore& jobs, const blob::BlobInfo& blob, Time now) {
  const size_t end = blob.key.find('/', kPrefix.size());
  const auto job = jobs.find(blob.key.substr(kPrefix.size(), end - kPrefix.size()));
  if (job) return !is_final(job->state);
  return blob.modified > now - kLongestSubmission;
}

}  // namespace

std::string unredacted_key(std::string_view job_id, std::string_view output) {
  return prefix_of(job_id) + std::string(output);
}

Result<void> remove_unredacted(blob::BlobStore& blobs, std::string_view job_id) {
  Result<void> outcome;
  const auto remove = [&](const blob::BlobInfo& blob) {
    if (auto removed = blobs.remove(blob.key); !removed) outcome = removed;
  };
  if (auto listed = blobs.list(prefix_of(job_id), remove); !listed) return listed;
  return outcome;
}

Result<void> sweep_unredacted(JobStore& jobs, blob::BlobStore& blobs, Time now) {
  Result<void> outcome;
  const auto sweep = [&](const blob::BlobInfo& blob) {
    if (is_needed(jobs, blob, now)) return;
    if (auto removed = blobs.remove(blob.key); !removed) outcome = removed;
  };
  if (auto listed = blobs.list(kPrefix, sweep); !listed) return listed;
  return outcome;
}

}  // namespace steno
