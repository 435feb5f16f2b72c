#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "domain/event.h"
#include "domain/usage.h"
#include "store/audit_log.h"
#include "store/job_store.h"
#include "store/key_store.h"
#include "store/store.h"
#include "store/upload_store.h"
#include "store/usage_store.h"

namespace steno {

/// A decorator of JobStore that records every written version of the jobs.
class RecordingJobs : public JobStore {
 public:
  explicit RecordingJobs(JobStore& jobs) : jobs_(jobs) {}

  std::vector<Job> written() const {
    const std::lock_guard lock(mutex_);
    return written_;
  }

  Creation submit(const JobSubmission& submission, std::span<const Event> events,
                  const SubmissionRules& rules) override {
    Creation creation = jobs_.submit(submission, events, rules);
    if (creation.status == Creation::Status::created) {
      for (const Job& job : creation.jobs) record(job);
    }
    return creation;
  }
  std::optional<Creation::Status> refusal(std::string_view owner,
                                          const std::optional<std::string>& key, Time now,
                                          const QueueLimits& limits) override {
    return jobs_.refusal(owner, key, now, limits);
  }
  std::optional<KnownSubmission> find_submission(std::string_view owner, std::string_view key,
                                                 Time now) override {
    return jobs_.find_submission(owner, key, now);
  }
  using JobStore::update;
  bool update(Job& job, std::span<const Event> events, const std::optional<Usage>& usage) override {
    const bool done = jobs_.update(job, events, usage);
    if (done) record(job);
    return done;
  }
  std::optional<Job> find(std::string_view id) override { return jobs_.find(id); }
  std::vector<Job> list(const JobQuery& query) override { return jobs_.list(query); }
  bool erase(const Job& job) override { return jobs_.erase(job); }
  std::optional<JobChange> claim_next(const ClaimOrder& order,
                                      const std::function<JobWrite(const Job&)>& change) override {
    auto claimed = jobs_.claim_next(order, change);
    if (claimed) record(claimed->after);
    return claimed;
  }
  std::optional<Time> next_available(Time now) override { return jobs_.next_available(now); }
  std::vector<Job> available_before(Time before, int limit) override {
    return jobs_.available_before(before, limit);
  }
  std::vector<Depth> depths() override { return jobs_.depths(); }
  int64_t place_in_queue(const Job& job) override { return jobs_.place_in_queue(job); }
  std::vector<Job> processing() override { return jobs_.processing(); }
  std::vector<std::string> overdue(Time now, int limit) override {
    return jobs_.overdue(now, limit);
  }
  std::vector<Job> ended_before(Time before, Kept kept, int limit) override {
    return jobs_.ended_before(before, kept, limit);
  }
  std::optional<std::array<int64_t, 5>> count_batch(std::string_view batch_id,
                                                    std::string_view owner) override {
    return jobs_.count_batch(batch_id, owner);
  }

 private:
  void record(const Job& job) {
    const std::lock_guard lock(mutex_);
    written_.push_back(job);
  }

  JobStore& jobs_;
  mutable std::mutex mutex_;
  std::vector<Job> written_;
};

/// A store whose jobs are recorded.
class RecordingStore : public Store {
 public:
  explicit RecordingStore(std::unique_ptr<Store> store)
      : store_(std::move(store)), jobs_(store_->jobs()) {}

  RecordingJobs& jobs() override { return jobs_; }
  EventLog& events() override { return store_->events(); }
  KeyStore& keys() override { return store_->keys(); }
  UsageStore& usage() override { return store_->usage(); }
  AuditLog& audit() override { return store_->audit(); }
  UploadStore& uploads() override { return store_->uploads(); }
  WorkerTable& workers() override { return store_->workers(); }
  LeaderTable& leaders() override { return store_->leaders(); }
  StateTable& state() override { return store_->state(); }
  Time now() override { return store_->now(); }
  Administration& administration() override { return store_->administration(); }
  std::string secret(std::string_view name) override { return store_->secret(name); }

 private:
  std::unique_ptr<Store> store_;
  RecordingJobs jobs_;
};

}  // namespace steno
