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

namespace steno {

namespace blob {
class BlobStore;
}

/// How jobs are tried and kept.
struct JobPolicy {
  Milliseconds retry_base{2000};  ///< back-off before the second attempt; doubles, with jitter
  Milliseconds retry_most{300'000};
  /// So many lost workers make a job a dead letter. More than attempts that fail by themselves:
  /// whoever runs beside what kills a worker loses it too.
  int max_losses = 10;
  Milliseconds idempotency{86'400'000};
  QueueLimits limits;
  /// Audio after the end; none: for ever; 0: deleted at the end, so that a failed job cannot be
  /// sent again.
  std::optional<Milliseconds> keep_audio;
  /// Results after the end, and with them the job and all that it told.
  std::optional<Milliseconds> keep_results;
};

/// Whether another attempt could succeed.
enum class Retry { no, yes };

/// A job that a worker holds. `job` is as of the last call that took the lease. Not thread-safe.
struct Lease {
  Job job;
  std::string worker;
  int64_t fence = 0;
  size_t reported = 0;  ///< segments of the job that there are events of
};

/// What a worker learns when it writes.
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

/// Whether the end of a worker counts as a loss of the jobs that it had.
enum class LossCause {
  job,       ///< one of them may have killed it
  shutdown,  ///< it went down with the service or the machine
};

/// Which jobs a worker takes.
enum class Takes {
  all,
  no_suspect,  ///< puts off what is_suspect(): another such job runs here
};

/// Whether the job has lost its worker more than once: it may be what kills them, or have been
/// beside that. Of such jobs a worker runs one at a time, so that the one does not take the others
/// along to their end.
bool is_suspect(const Job& job);

/// A name for a job that is not there yet, for those who keep something of it beforehand.
std::string new_job_id(Time now);

/// Key of the blob with the result of one attempt: each has its own, so that a late one cannot
/// overwrite its successor's.
std::string result_key(std::string_view job_id, int64_t fence);
/// Key of the blob for the audio that one attempt fetches.
std::string fetched_audio_key(std::string_view job_id, int64_t fence);
/// Key of the blob with what a stage has made, the same for all attempts: any of them is as good.
std::string stage_key(std::string_view job_id, std::string_view stage);

/// The only code that changes a job's state. Every change is one conditional update of the store
/// with the events that tell of it and what it adds to the usage; then the notifier ring.
/// Thread-safe, calls block, throw StoreError; a call that has thrown can be repeated.
///
/// Events and their data: "status" {status, stage, progress, attempt, error?} when the state
/// changes, "progress" {stage, progress}, "segment" (the segment and its index), "end" {status,
/// error?}; an error is {code, message}.
class Lifecycle {
 public:
  /// `news` is rung when an event was added.
  Lifecycle(Store& store, Queue& queue, blob::BlobStore& blobs, Notifier& event_notifier,
            const Clock& clock, JobPolicy policy);

  /// Stores a new job and puts it into the queue. Its times and state are set here, and its id
  /// unless it has one of new_job_id(); its queue_until is the caller's.
  Creation submit(Job job, const std::optional<IdempotencyKey>& key);
  /// Why submit() would now refuse a job of `owner` for want of room in the queue, if it would;
  /// what was submitted before under `key` has room. For a look before the audio comes.
  std::optional<Creation::Outcome> refusal(std::string_view owner,
                                           const std::optional<std::string>& key);
  /// Errors: not_found; conflict when the job has ended.
  Result<Job> cancel(std::string_view id);
  /// Removes an ended job, its audio and its results; scrub() then does the rest. Errors:
  /// not_found; conflict when it waits or runs; those of the blob store, then its blobs may have
  /// stayed.
  Result<void> purge(std::string_view id);
  /// Sends a failed job again, all attempts new. Errors: not_found; conflict unless it failed and
  /// its audio is still there, or it is a rerun, which may need none.
  Result<Job> send_again(std::string_view id);
  /// Takes a dead letter out of the list; the job stays failed. Errors: not_found; conflict when it
  /// is none.
  Result<Job> discard(std::string_view id);

  /// Takes the job for a worker: pending -> processing. Nothing when it waits no more, or is put
  /// off.
  std::optional<Lease> claim(std::string_view id, std::string_view worker,
                             Takes takes = Takes::all);
  /// The worker lives.
  LeaseStatus heartbeat(Lease& lease);
  /// Whether the job is still the worker's, without a write.
  LeaseStatus look(const Lease& lease);
  /// How far the attempt is; neither stage nor progress goes back within an attempt: what would is
  /// not taken. StageOutputs: "fetching", "loading", "transcribing", "diarizing",
  /// "postprocessing", "storing". `segments` are JSON
  /// objects, the attempt's segments from number `first_segment` on (from 0); those that have been
  /// told of, by this or an earlier attempt, are left out.
  LeaseStatus advance(Lease& lease, std::string_view stage, double progress,
                      std::span<const std::string> segments = {}, size_t first_segment = 0);
  /// The audio has been fetched into a blob.
  LeaseStatus fetched(Lease& lease, const AudioSource& source);
  /// Removes the results of the job's other attempts; where the job is not held, the given one.
  LeaseStatus complete(Lease& lease, const AttemptResult& finish, double compute_seconds);
  /// With Retry::yes the job waits for its next attempt, or becomes a dead letter after the last.
  LeaseStatus fail(Lease& lease, const Failure& failure, Retry retry, double compute_seconds);
  /// Gives the job back as if it had not been claimed: it waits again at once.
  LeaseStatus give_back(Lease& lease);
  /// The work was stopped because the job is no longer held: counts what it cost, once where the
  /// job was cancelled.
  void abandon(const Lease& lease, double compute_seconds);

  /// A worker is known to be gone: ends the attempts of all its jobs as lost, or gives them back
  /// where nobody is to blame. How many. A job that was given back very often is to blame after
  /// all. A lost attempt counts against JobPolicy::max_losses alone.
  int lost_worker(std::string_view worker, LossCause blame = LossCause::job);
  /// Ends the attempts whose lease has lapsed: `lapsed` says which of the processing jobs.
  int reap(const std::function<bool(const Job&)>& lapsed);
  /// Fails the waiting jobs whose time in the queue is over. How many.
  int expire();
  /// Lets go the jobs that wait for a time which the wall clock showed before it was set back, and
  /// would show again much later. Looks at the first call, and when the clock goes back between
  /// two. How many.
  int follow_clock();
  /// Throws StoreError when nothing can be written now: then workers cannot either.
  void require_writable();
  /// Deletes what retention no longer keeps. How many jobs were changed or removed.
  int clean();
  /// Takes what jobs said that have been purged since the last call out of the database's files,
  /// or leaves it to the next call where others are in the way. The first call does so whatever has
  /// been purged: the service may have been killed before it could.
  void scrub();

 private:
  /// More conflicts in a row than this are no bad luck.
  static constexpr int kMostTries = 100;
  using Events = std::vector<Event>;
  /// Makes the changed job and the events that tell of it; false: nothing is to be changed.
  using Change = std::function<bool(Job& job, Events& events)>;

  /// Changes the stored job, again if somebody else was first; it must be there. Nothing when it is
  /// not, or `change` did not want to.
  std::optional<Job> change(std::string_view id, const Change& change);
  /// The same for the worker that holds the job.
  LeaseStatus change_held(Lease& lease, const Change& change);
  /// One try, if the transition is allowed; false when somebody else was first.
  bool write(const Job& before, Job& after, Events& events);

  void wait_again(Job& job, Events& events, Time available_at);
  void end(Job& job, Events& events, State state);
  /// For another attempt, or as a dead letter.
  void end_attempt(Job& job, Events& events, const Failure& failure, Retry retry);
  void end_lost(Job& job, Events& events);
  bool end_overdue(Job& job, Events& events);
  Result<void> remove_audio(const Job& job);
  void remove_unrecorded(const Job& job);
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
  std::atomic<Time> clock_seen_ = Time::max();
  std::atomic<int64_t> purges_ = 1;
  std::atomic<int64_t> scrubbed_ = 0;  ///< so many of them
};

}  // namespace steno
