#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/event.h"
#include "domain/job.h"
#include "domain/usage.h"
#include "store/store_error.h"

namespace steno {

/// Which jobs of a list, newest first.
struct JobQuery {
  std::optional<std::string> owner;  ///< none: everybody's
  std::optional<State> state;
  std::optional<std::string> type;
  std::optional<std::string> recording_id;
  std::optional<std::string> batch_id;
  std::optional<bool> dead_letter;
  std::optional<Time> created_after;    ///< this moment is out
  std::optional<Time> created_before;   ///< this one too
  std::optional<std::string> after_id;  ///< goes on behind this job of an earlier list
  int limit = 50;
};

/// A client's own name for one submission, so that it can be sent twice.
struct IdempotencyKey {
  std::string key;
  std::string fingerprint;  ///< hash of what was submitted
};

/// How many jobs may wait.
struct QueueLimits {
  int64_t in_all = 0;  ///< 0: no limit
  int64_t per_owner = 0;
};

/// What became of a new job.
struct Creation {
  enum class Outcome {
    created,
    repeated,       ///< the same was submitted before: `job_id` is that job's
    other_content,  ///< the idempotency key was used for something else
    queue_full,
    owner_queue_full,
  };
  Outcome outcome = Outcome::created;
  std::string job_id;
};

/// How many jobs wait, of one priority.
struct Depth {
  int priority = 0;
  int64_t waiting = 0;         ///< that may start now or later
  std::optional<Time> oldest;  ///< when the oldest one was submitted
};

/// Jobs and their events. The database's truth: what create() and update() have returned from is
/// on disk. Passes tests/unit/store/store_contract.
class JobStore {
 public:
  virtual ~JobStore() = default;

  /// Adds the job with its first events, in one transaction with its idempotency key. Keys are
  /// remembered for `remember` since the job's created_at.
  virtual Creation create(const Job& job, std::span<const Event> events,
                          const std::optional<IdempotencyKey>& key, Milliseconds remember,
                          const QueueLimits& limits) = 0;
  /// What create() would answer a further job of `owner` for want of room in the queue; nothing if
  /// there is room, and for an idempotency key that is remembered.
  virtual std::optional<Creation::Outcome> refusal(std::string_view owner,
                                                   const std::optional<std::string>& key, Time now,
                                                   const QueueLimits& limits) = 0;
  virtual std::optional<Job> find(std::string_view id) = 0;
  /// The id of a job whose audio is this blob.
  virtual std::optional<std::string> find_by_blob(std::string_view blob) = 0;
  /// In the order of (created_at, id), newest first.
  virtual std::vector<Job> list(const JobQuery& query) = 0;
  /// Writes the job and adds the events and the usage, in one transaction, if its version is still
  /// the stored one, which then grows (in `job` too); false when somebody else was first. Gives the
  /// events their numbers and positions. What says whose the job is stays as it was created: owner,
  /// key, batch, type, recording, created_at.
  virtual bool update(Job& job, std::span<Event> events, const std::optional<Usage>& more) = 0;
  bool update(Job& job, std::span<Event> events) { return update(job, events, std::nullopt); }
  /// Forgets the job with its events and idempotency key, whatever its version; false when there
  /// is none.
  virtual bool erase(std::string_view id) = 0;

  /// A job's events behind `after_number`, in order.
  virtual std::vector<Event> events_of(std::string_view job_id, int64_t after_number,
                                       int limit) = 0;
  /// Everybody's events behind `after_position`, in order; a position is never seen late: what is
  /// committed later has a higher one.
  virtual std::vector<Event> events_since(int64_t after_position, int limit) = 0;
  /// The last event's position; 0: none.
  virtual int64_t last_position() = 0;

  /// The waiting job that is to start next at `now`, of those of at most `most_bytes` of audio
  /// (whose size is known, then).
  /// Of the priority that is highest when one is added to it for each `ageing` that its longest
  /// waiting job has waited (0: nothing is added); in it of the owner whose turn was longest ago;
  /// of that owner the longest waiting. A job waits since its available_at. Does not change it; a
  /// claim (update() to processing) gives the owner's turn to the next.
  virtual std::optional<std::string> next_waiting(Time now, Milliseconds ageing,
                                                  std::optional<int64_t> most_bytes) = 0;
  /// When the first of the waiting jobs that are not yet available becomes so.
  virtual std::optional<Time> next_available(Time now) = 0;
  virtual std::vector<Depth> depths() = 0;
  /// How many jobs wait that would start before this one, if no more came. Ageing is left out.
  virtual int64_t place_in_queue(const Job& job) = 0;

  /// All processing jobs: their leases.
  virtual std::vector<Job> processing() = 0;
  /// Waiting jobs whose queue_until is over.
  virtual std::vector<std::string> overdue(Time now, int limit) = 0;
  /// Final jobs that ended before `before` and still have their audio, or are still there at all;
  /// dead letters stay until somebody has looked at them.
  enum class Kept { audio, job };
  virtual std::vector<Job> ended_before(Time before, Kept kept, int limit) = 0;
  /// How many jobs of the batch are in each state, by State; nothing when there is no such batch
  /// of this owner.
  virtual std::optional<std::array<int64_t, 5>> count_batch(std::string_view batch_id,
                                                            std::string_view owner) = 0;
};

}  // namespace steno
