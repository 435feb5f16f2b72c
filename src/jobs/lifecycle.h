#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/event.h"
#include "domain/job.h"
#include "notify/notifier.h"
#include "queue/queue.h"
#include "store/job_store.h"
#include "store/store.h"
#include "telemetry/failure_log.h"

// Problem: API calls, workers, housekeeping and crashed processes change the same jobs at the same
// time, and none of them may undo the work of another one.
// Idea: every change is one transaction that is conditional on the version of the job as it was
// read. A claim gives the job a new fencing number (`fence`). A worker writes only while the stored
// job has the number of its lease, so a worker that was given up cannot overwrite its successor.
// Files: lifecycle.cc serves clients, lease.cc serves workers, recovery.cc serves housekeeping.

namespace steno {

namespace blob {
class BlobStore;
}

/// How jobs are tried and kept.
struct JobPolicy {
  /// The limit of the random back-off before the second attempt. It doubles after each failure or
  /// lost worker.
  Milliseconds retry_base{2000};
  Milliseconds retry_most{300'000};
  /// A job that has lost its worker so many times becomes a dead letter. Larger than the limit of
  /// failed attempts, because a job that runs beside the cause of a crash loses its worker too.
  int max_losses = 10;
  Milliseconds idempotency{86'400'000};  ///< how long idempotency keys are remembered
  Milliseconds ageing{60'000};  ///< waiting that counts as one step of priority; 0: no ageing
  QueueLimits limits;
  /// How long audio is kept after the end of the job. None: for ever. 0: deleted at the end, so
  /// that a failed job cannot be sent again.
  std::optional<Milliseconds> keep_audio;
  /// How long the job, its events and its results are kept after its end. None: for ever.
  std::optional<Milliseconds> keep_results;
};

/// Whether another attempt could succeed.
enum class Retry { no, yes };

/// A job that a worker has claimed. `job` is as of the last call that took the lease. Not
/// thread-safe.
struct Lease {
  Job job;
  std::string worker;
  int64_t fence = 0;
  size_t reported = 0;  ///< how many segments of the job have an event
};

/// The state of a lease, as a worker learns it with each write.
enum class LeaseStatus {
  kept,
  cancelled,  ///< a client cancelled the job: stop the work
  lost,       ///< another attempt has begun, or the job is gone: stop, write nothing
};

/// What an attempt found out.
struct AttemptResult {
  std::string result;  ///< key of the blob with the transcript
  double audio_seconds = 0;
  std::vector<std::string> warnings;
};

/// Whether the end of a worker counts as a loss of its jobs.
enum class LossCause {
  job,       ///< one of them may have killed it
  shutdown,  ///< it ended with the service or the machine
};

/// How large a job a worker can take.
struct WorkerCapacity {
  std::optional<int64_t> most_bytes{};  ///< of audio of known size; none: any job
};

/// Which jobs a worker claims.
enum class ClaimPolicy {
  all,
  defer_suspects,  ///< defers jobs with is_suspect(): the worker runs one
                   ///< already
};

/// Whether the job has lost its worker more than once. It may crash workers, or have run beside a
/// job that does. A worker runs one such job at a time, so that the cause is found and the others
/// do not fail with it.
bool is_suspect(const Job& job);

/// An id for a job that is not submitted yet, to store blobs for it beforehand.
std::string new_job_id(Time now);

/// Key of the blob with the result of one attempt. Each attempt has its own, so that a late attempt
/// cannot overwrite the result of its successor.
std::string result_key(std::string_view job_id, int64_t fence);
/// Key of the blob for the audio that one attempt fetches.
std::string fetched_audio_key(std::string_view job_id, int64_t fence);
/// Key of the blob with the output of a stage. All attempts share it: their outputs are equal.
std::string stage_key(std::string_view job_id, std::string_view stage);

/// The only code that changes the state of a job. Each change is one transaction with its events
/// and its usage. Listeners of events are notified after it. Thread-safe; calls block; throws
/// StoreError; a call that has thrown can be repeated.
///
/// Events and their data: "status" {status, stage, progress, attempt, error?} for each change of
/// the state, "progress" {stage, progress}, "segment" (the segment and its index), "end" {status,
/// error?}. An error is {code, message}.
class Lifecycle {
 public:
  /// `event_notifier` is notified when events were added. `on_failure` receives what could not be
  /// removed after a change that succeeded. It is called by many threads at once.
  Lifecycle(Store& store, Queue& queue, blob::BlobStore& blobs, Notifier& event_notifier,
            const Clock& clock, JobPolicy policy, OnFailure on_failure = {});

  /// Adds all jobs of the submission with their first events, or nothing, and notifies workers and
  /// listeners once. Sets times and states of the jobs, and ids where they are empty. The caller
  /// sets queue_until.
  Creation submit(JobSubmission submission);
  /// Whether submit() would refuse a job of `owner` now because the queue is full. A submission
  /// that is known by `key` is never refused. For a check before the audio is received.
  std::optional<Creation::Outcome> refusal(std::string_view owner,
                                           const std::optional<std::string>& key);
  /// Errors: not_found; conflict when the job has ended.
  Result<Job> cancel(std::string_view id);
  /// Removes an ended job, its audio and its results. scrub() then removes the rest. Errors:
  /// not_found; conflict when the job waits or runs; those of the blob store, after which blobs may
  /// be left.
  Result<void> purge(std::string_view id);
  /// Makes a failed job wait again, with its full number of attempts. Errors: not_found; conflict
  /// unless the job has failed and its audio still exists, or it is a rerun, which may need none.
  Result<Job> send_again(std::string_view id);
  /// Removes a dead letter from the list of dead letters; the job stays failed. Errors: not_found;
  /// conflict when it is no dead letter.
  Result<Job> discard(std::string_view id);

  /// Claims the next waiting job for a worker: pending -> processing. Nothing when no job is
  /// available that the worker can take. Overdue jobs in front of it fail, and deferred ones wait 2
  /// s longer. JobStore::claim_next() defines the order.
  std::optional<Lease> claim_next(std::string_view worker, const WorkerCapacity& capacity = {},
                                  ClaimPolicy policy = ClaimPolicy::all);
  /// The worker lives.
  LeaseStatus heartbeat(Lease& lease);
  /// Reads whether the job is still the worker's, without a write.
  LeaseStatus look(const Lease& lease);
  /// Reports the stage and progress of the attempt. Neither goes back within an attempt: a smaller
  /// value is ignored. Stages: "fetching", "loading", "transcribing", "diarizing",
  /// "postprocessing", "storing". `segments` are JSON objects, the segments of the attempt from
  /// number `first_segment` on (from 0). Segments that this or an earlier attempt has reported are
  /// left out.
  LeaseStatus advance(Lease& lease, std::string_view stage, double progress,
                      std::span<const std::string> segments = {}, size_t first_segment = 0);
  /// The audio has been fetched into a blob.
  LeaseStatus fetched(Lease& lease, const AudioSource& source);
  /// Ends the job and removes the results of its other attempts. If the lease is not kept, removes
  /// the given result.
  LeaseStatus complete(Lease& lease, const AttemptResult& result, double compute_seconds);
  /// With Retry::yes the job waits for its next attempt, or becomes a dead letter after the last.
  LeaseStatus fail(Lease& lease, const Failure& failure, Retry retry, double compute_seconds);
  /// Undoes the claim: the job waits again at once.
  LeaseStatus give_back(Lease& lease);
  /// The worker stopped because its lease was cancelled or lost. Adds the compute time to the
  /// usage. If the job was cancelled, adds it only once.
  void abandon(const Lease& lease, double compute_seconds);

  /// A worker is known to be gone. Ends the attempts of all its jobs as lost, or gives them back
  /// after a shutdown. A job that was given back very often is counted as lost after all. A lost
  /// attempt counts against JobPolicy::max_losses alone. Returns how many jobs.
  int lost_worker(std::string_view worker, LossCause cause = LossCause::job);
  /// Ends the attempts of the processing jobs for which `lapsed` is true. Returns how many.
  int reap(const std::function<bool(const Job&)>& lapsed);
  /// Fails the waiting jobs whose queue_until has passed. Returns how many.
  int expire();
  /// Repeats the hints of jobs that have been available for at least `waited`: a hint may have been
  /// lost. The longest waiting ones come first, up to a limit. Returns how many.
  int repeat_hints(Milliseconds waited);
  /// After the wall clock was set back: makes jobs available that would wait for a time that the
  /// clock has shown already. Checks at the first call, and when the clock is earlier than at the
  /// last one. Returns how many jobs.
  int follow_clock();
  /// Throws StoreError when nothing can be written now: then workers cannot either.
  void require_writable();
  /// Deletes what retention no longer keeps. Returns how many jobs were changed or removed.
  int clean();
  /// Removes the content of purged jobs from the files of the database, if any were purged since
  /// the last success. The first call always does: an earlier process may have ended before.
  void scrub();

 private:
  /// So many conflicts in a row are no coincidence.
  static constexpr int kMostTries = 100;
  using Events = std::vector<Event>;
  /// Changes the job and adds the events; false: nothing is to be changed.
  using Change = std::function<bool(Job& job, Events& events)>;

  /// Changes the stored job, again if another process was first. Nothing when there is no such job,
  /// or `change` returned false.
  std::optional<Job> change(std::string_view id, const Change& change);
  /// The same for the worker that has the lease.
  LeaseStatus change_held(Lease& lease, const Change& change);
  /// Writes once; false when another process was first.
  bool write(const Job& before, Job& after, const Events& events);
  /// Throws std::logic_error when the transition table does not allow the change.
  static void require_allowed(const Job& before, const Job& after);
  /// What the change adds to the usage of the job's key.
  std::optional<Usage> usage_of(const Job& before, const Job& after) const;
  /// Notifies, and removes blobs that the written change has made useless.
  void follow_up(const Job& before, const Job& after, bool has_events);

  /// The claimed job, or the failed or deferred one.
  JobWrite claimed(const Job& waiting, std::string_view worker, ClaimPolicy policy);
  void wait_again(Job& job, Events& events, Time available_at);
  void end(Job& job, Events& events, State state);
  /// The job waits for another attempt, or fails as a dead letter.
  void end_attempt(Job& job, Events& events, const Failure& failure, Retry retry);
  void end_lost(Job& job, Events& events);
  bool end_overdue(Job& job, Events& events);
  Result<void> remove_audio(const Job& job);
  void remove_unrecorded(const Job& job);
  /// Passes on an error that the caller does not learn, because its change has succeeded.
  void report(Duty duty, const Result<void>& outcome) const;
  Result<void> remove_results(std::string_view id, std::string_view but);
  Result<void> remove_all(std::string_view prefix, std::string_view but);
  size_t reported_segments(std::string_view id);
  bool wait_from_now(Job& job) const;
  int clean_audio(Time before);
  int clean_jobs(Time before);

  Store& store_;
  Queue& queue_;
  blob::BlobStore& blobs_;
  Notifier& event_notifier_;
  const Clock& clock_;
  const JobPolicy policy_;
  const OnFailure on_failure_;
  std::atomic<Time> clock_seen_ = Time::max();
  std::atomic<int64_t> purges_ = 1;
  std::atomic<int64_t> scrubbed_ = 0;  ///< the value of purges_ at the last success
};

}  // namespace steno
