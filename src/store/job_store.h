#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/event.h"
#include "domain/job.h"
#include "domain/usage.h"
#include "store/job_submission.h"
#include "store/store_error.h"

// Change a stored job:
//
//   Job job = jobs.find(id).value();
//   job.stage = "loading";
//   if (!jobs.update(job, {})) retry();  // another process was first
//
// Only Lifecycle (jobs/lifecycle.h) does so: it knows the rules of a job's states.

namespace steno {

/// Filters of a list of jobs, newest first.
struct JobQuery {
  std::optional<std::string> owner;  ///< none: all owners
  std::optional<State> state;
  std::optional<std::string> type;
  std::optional<std::string> recording_id;
  std::optional<std::string> batch_id;
  std::optional<bool> dead_letter;
  std::optional<Time> created_after;    ///< exclusive
  std::optional<Time> created_before;   ///< exclusive
  std::optional<std::string> after_id;  ///< continues behind this job of an earlier list
  int limit = 50;
};

/// The number of waiting jobs of one priority.
struct Depth {
  int priority = 0;
  int64_t waiting = 0;         ///< that may start now or later
  std::optional<Time> oldest;  ///< when the oldest one was submitted
};

/// Which of the waiting jobs a claim selects.
struct ClaimOrder {
  Time now;
  /// One step of priority is added for each `ageing` of waiting. 0: nothing is added.
  Milliseconds ageing{0};
  /// Only jobs whose audio has at most so many bytes; a job of unknown size is left out then.
  std::optional<int64_t> most_bytes{};
};

/// A job and the rows that are written with it.
struct JobWrite {
  Job job;
  std::vector<Event> events{};   ///< added behind the job's other events
  std::optional<Usage> usage{};  ///< added to the usage of its key
};

/// A job before and after it was written.
struct JobChange {
  Job before;
  Job after;
};

/// Jobs, and the writing of their events. A write that has returned is on disk. Thread-safe; calls
/// block; throws StoreError. Passes tests/unit/store/*_contract.cc.
class JobStore {
 public:
  virtual ~JobStore() = default;

  /// Adds all of the submission, or nothing, in one transaction: the jobs, their first events (each
  /// names its job), the idempotency key, the use of the upload, the audit entries. The key is
  /// looked up first, then the limits are checked, then the upload.
  virtual Creation submit(const JobSubmission& submission, std::span<const Event> events,
                          const SubmissionRules& rules) = 0;
  /// Whether submit() would refuse one more job of `owner` because the queue is full. Nothing if
  /// there is capacity, or if the idempotency key is known.
  virtual std::optional<Creation::Status> refusal(std::string_view owner,
                                                  const std::optional<std::string>& key, Time now,
                                                  const QueueLimits& limits) = 0;
  virtual std::optional<Job> find(std::string_view id) = 0;
  /// In the order of (created_at, id), newest first.
  virtual std::vector<Job> list(const JobQuery& query) = 0;
  /// Writes the job, its events and its usage in one transaction, if the stored job has the version
  /// of `job`; returns false otherwise. The version of `job` and of the stored job then grows. The
  /// fields that identify the job are never changed: owner, key, batch, type, recording,
  /// created_at.
  virtual bool update(Job& job, std::span<const Event> events,
                      const std::optional<Usage>& usage) = 0;
  bool update(Job& job, std::span<const Event> events) { return update(job, events, std::nullopt); }
  /// Removes the job with its events and idempotency key, if it has ended and the stored job has
  /// the version of `job`; returns false otherwise. One statement, so that a job that is sent again
  /// at the same time either stays or cannot be sent again.
  virtual bool erase(const Job& job) = 0;

  /// Selects the next waiting job and writes what `change` makes of it, in one transaction: no
  /// other claim selects the same job meanwhile. Returns nothing when no job can be selected; a
  /// backend may also leave out jobs that another claim is looking at.
  ///
  /// The order: highest priority first, raised by ageing of the longest waiting job of that
  /// priority; within a priority the owner whose last claim is longest ago; of that owner the job
  /// that waits longest. Waiting is counted from available_at: the submission, or the end of the
  /// last back-off. Before that time the job cannot be claimed. When `change` moves the job to
  /// processing, the turn passes to the next owner.
  ///
  /// `change` must return a job that differs, and may be called several times, on any thread: only
  /// the returned JobChange has happened. It must not call the store.
  virtual std::optional<JobChange> claim_next(
      const ClaimOrder& order, const std::function<JobWrite(const Job&)>& change) = 0;
  /// The earliest available_at after `now`: when the next back-off ends. Nothing if there is none.
  virtual std::optional<Time> next_available(Time now) = 0;
  /// Waiting jobs whose available_at is before `before`, longest waiting first.
  virtual std::vector<Job> available_before(Time before, int limit) = 0;
  virtual std::vector<Depth> depths() = 0;
  /// How many waiting jobs would start before this one if no more came. Ignores ageing.
  virtual int64_t place_in_queue(const Job& job) = 0;

  /// All processing jobs.
  virtual std::vector<Job> processing() = 0;
  /// Ids of waiting jobs whose queue_until has passed.
  virtual std::vector<std::string> overdue(Time now, int limit) = 0;
  /// A part of an ended job that retention removes.
  enum class Kept {
    audio,
    job,  ///< everything, with the row
  };
  /// Final jobs that ended before `before` and of which `kept` still exists. Dead letters are left
  /// out until an operator has retried or discarded them.
  virtual std::vector<Job> ended_before(Time before, Kept kept, int limit) = 0;
  /// The number of the batch's jobs in each state, indexed by State; nothing when this owner has no
  /// such batch.
  virtual std::optional<std::array<int64_t, 5>> count_batch(std::string_view batch_id,
                                                            std::string_view owner) = 0;
  /// The submission of `owner` that is known by this idempotency key at `now`.
  virtual std::optional<KnownSubmission> find_submission(std::string_view owner,
                                                         std::string_view key, Time now) = 0;
};

}  // namespace steno
