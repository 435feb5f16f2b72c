#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/event.h"
#include "store/job_store.h"
#include "store/store.h"
#include "unit/base/temporary_folder.h"

// The contract of every store, one suite for each interface in *_contract.cc. A backend joins by a
// line in store_backends_test.cc.

namespace steno {

/// A kind of store.
struct StoreBackend {
  std::string name;
  /// Opens the store of `folder`, which is empty at first. Its files may lie there.
  std::function<std::unique_ptr<Store>(const std::filesystem::path& folder)> open;
  /// Whether a second open() gives a further handle on the same content, as in another process.
  bool has_handles = true;
};

inline void PrintTo(const StoreBackend& backend, std::ostream* out) { *out << backend.name; }

/// `seconds` after the start time of these tests.
inline Time at(double seconds) {
  return Time(Milliseconds(1'764'000'000'000 + static_cast<int64_t>(seconds * 1000)));
}

/// A waiting job, submitted and available at at(seconds).
inline Job waiting_job(const std::string& id, double seconds, const std::string& owner = "ann",
                       int priority = 5) {
  Job job;
  job.id = id;
  job.owner = owner;
  job.key_id = "key_" + owner;
  job.stage = "queued";
  job.priority = priority;
  job.created_at = job.updated_at = job.available_at = at(seconds);
  job.options = "{}";
  return job;
}

inline Event event(const std::string& type, const std::string& data, Time when) {
  Event event;
  event.type = type;
  event.data = data;
  event.at = when;
  return event;
}

/// The newest jobs of all.
inline JobQuery newest(int limit) {
  JobQuery query;
  query.limit = limit;
  return query;
}

inline std::vector<std::string> ids(const std::vector<Job>& jobs) {
  std::vector<std::string> found;
  for (const auto& job : jobs) found.push_back(job.id);
  return found;
}

/// Ends the job if it has not ended, and removes it. Whether it was removed.
inline bool end_and_erase(JobStore& jobs, const std::string& id) {
  auto job = jobs.find(id);
  if (!job) return false;
  for (const State next : {State::processing, State::completed}) {
    if (!may_move(job->state, next)) continue;
    job->state = next;
    jobs.update(*job, {});
  }
  return jobs.erase(*job);
}

class StoreContract : public testing::TestWithParam<StoreBackend> {
 protected:
  JobStore& jobs() { return store_->jobs(); }

  /// Submits one job with one event.
  Creation create(const Job& job, const std::optional<IdempotencyKey>& key = std::nullopt,
                  const QueueLimits& limits = {}) {
    JobSubmission submission{.jobs = {job}};
    submission.key = key;
    return submit(jobs(), submission, limits);
  }
  static Creation submit(JobStore& jobs, const JobSubmission& submission,
                         const QueueLimits& limits = {}) {
    std::vector<Event> events;
    for (const Job& job : submission.jobs) {
      events.push_back(event("status", "{}", job.created_at));
      events.back().job_id = job.id;
    }
    return jobs.submit(submission, events,
                       {.remember_key = std::chrono::hours(24), .limits = limits});
  }
  Job stored(const std::string& id) { return jobs().find(id).value(); }
  /// Changes the stored job and writes it.
  Job change(const std::string& id, const std::function<void(Job&)>& how) {
    Job job = stored(id);
    how(job);
    EXPECT_TRUE(jobs().update(job, {}));
    return job;
  }
  Job claim(const std::string& id) {
    return change(id, [](Job& job) { job.state = State::processing; });
  }
  Job end(const std::string& id, State state, double seconds) {
    claim(id);
    return change(id, [&](Job& job) {
      job.state = state;
      job.finished_at = at(seconds);
    });
  }
  /// The job that a claim would select, without claiming it.
  std::optional<std::string> next(double seconds, Milliseconds ageing = std::chrono::minutes(10),
                                  std::optional<int64_t> most_bytes = std::nullopt) {
    const ClaimOrder order{.now = at(seconds), .ageing = ageing, .most_bytes = most_bytes};
    const auto change = jobs().claim_next(order, [](const Job& job) {
      JobWrite write{job};
      ++write.job.heartbeats;
      return write;
    });
    if (!change) return std::nullopt;
    return change->after.id;
  }
  /// Claims the next job. Returns its id.
  std::string take(double seconds, Milliseconds ageing = std::chrono::minutes(10)) {
    const auto claimed = jobs().claim_next({.now = at(seconds), .ageing = ageing}, to_processing);
    return claimed ? claimed->after.id : "";
  }
  static JobWrite to_processing(const Job& job) {
    JobWrite write{job};
    write.job.state = State::processing;
    ++write.job.fence;
    return write;
  }
  /// `count` stores of the same content: handles of their own where the backend has them.
  std::vector<Store*> handles(int count) {
    std::vector<Store*> all;
    for (int i = 0; i < count; ++i) {
      if (GetParam().has_handles) others_.push_back(GetParam().open(folder_.path()));
      all.push_back(GetParam().has_handles ? others_.back().get() : store_.get());
    }
    return all;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_ = GetParam().open(folder_.path());
  std::vector<std::unique_ptr<Store>> others_;
};

class SubmissionContract : public StoreContract {};
class JobStoreContract : public StoreContract {};
class JobListContract : public StoreContract {};
class ClaimContract : public StoreContract {};
class EventLogContract : public StoreContract {};
class RecordsContract : public StoreContract {};  // keys, usage, audit, uploads, secrets
class AdministrationContract : public StoreContract {};

}  // namespace steno
