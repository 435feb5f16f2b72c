#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/doorbell.h"
#include "base/result.h"
#include "jobs/job.h"
#include "queue/queue.h"
#include "store/store.h"

namespace steno {

namespace blob {
class BlobStore;
}

/// How jobs are tried and kept.
struct JobPolicy {
  Milliseconds retry_base{2000};  ///< back-off before the second attempt; doubles, with jitter
  Milliseconds retry_most{300'000};
  Milliseconds idempotency{86'400'000};
  QueueLimits limits;
  std::optional<Milliseconds> keep_audio;  ///< after the end; none: for ever; 0: not at all
  std::optional<Milliseconds> keep_results;
};

/// Whether another attempt could succeed.
enum class Retry { no, yes };

/// A job that a worker holds. `job` is as of the last call that took the lease.
struct Lease {
  Job job;
  std::string worker;
  int64_t fence = 0;
};

/// What a worker learns when it writes.
enum class Hold {
  kept,
  cancelled,  ///< a client cancelled the job: stop the work
  lost,       ///< another attempt has begun, or the job is gone: stop, write nothing
};

/// What an attempt found out.
struct Finish {
  std::string result;  ///< key of the blob with the transcript
  double audio_seconds = 0;
  std::vector<std::string> warnings;
};

/// The only code that changes a job's state. Every change is one conditional update of the store
/// with the events that tell of it; then the doorbells ring. Thread-safe, calls block, throw
/// StoreError.
class Lifecycle {
 public:
  /// `news` is rung when an event was added.
  Lifecycle(Store& store, Queue& queue, blob::BlobStore& blobs, Doorbell& news, const Clock& clock,
            JobPolicy policy);

  /// Stores a new job (its id, times and state are set here) and puts it into the queue.
  Creation submit(Job job, const std::optional<IdempotencyKey>& key);
  /// Errors: not_found; conflict when the job has ended.
  Result<Job> cancel(std::string_view id);
  /// Removes an ended job, its audio and its results. Errors: not_found; conflict when it runs.
  Result<void> purge(std::string_view id);
  /// Sends a failed job again, all attempts new. Errors: not_found; conflict unless it failed.
  Result<Job> send_again(std::string_view id);
  /// Takes a dead letter out of the list; the job stays failed. Errors as send_again.
  Result<Job> discard(std::string_view id);

  /// Takes the job for a worker: pending -> processing. Nothing when it waits no more.
  std::optional<Lease> claim(std::string_view id, std::string_view worker);
  /// The worker lives.
  Hold heartbeat(Lease& lease);
  /// How far the attempt is; neither stage nor progress goes back within an attempt. `segments` are
  /// JSON objects, the attempt's segments from number `first_segment` on (from 0); those that an
  /// earlier attempt has already told of are left out.
  Hold advance(Lease& lease, std::string_view stage, double progress,
               std::span<const std::string> segments = {}, size_t first_segment = 0);
  /// The audio has been fetched into a blob.
  Hold fetched(Lease& lease, const AudioSource& source);
  Hold complete(Lease& lease, const Finish& finish, double compute_seconds);
  /// With Retry::yes the job waits for its next attempt, or becomes a dead letter after the last.
  Hold fail(Lease& lease, const Failure& failure, Retry retry, double compute_seconds);
  /// Gives the job back as if it had not been claimed: it waits again at once.
  Hold give_back(Lease& lease);

  /// A worker is known to be gone: ends the attempts of all its jobs as lost. How many.
  int lost_worker(std::string_view worker);
  /// Ends the attempts whose lease has lapsed: `lapsed` says which of the processing jobs.
  int reap(const std::function<bool(const Job&)>& lapsed);
  /// Fails the waiting jobs whose time in the queue is over. How many.
  int expire();
  /// Deletes what retention no longer keeps. How many jobs were changed or removed.
  int clean();

 private:
  Store& store_;
  Queue& queue_;
  blob::BlobStore& blobs_;
  Doorbell& news_;
  const Clock& clock_;
  JobPolicy policy_;
};

}  // namespace steno
