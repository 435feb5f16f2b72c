#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "notify/notifier.h"
#include "store/job_store.h"

namespace steno {

/// One message of the queue: a job to be looked at. The database, not the message, says what the
/// job is.
struct Ticket {
  std::string job_id;
  std::string receipt;  ///< the backend's, for done()
};

/// Which jobs a worker has room for.
struct Room {
  std::optional<int64_t> most_bytes;  ///< of audio, of known size; none: any
};

/// Jobs waiting for a worker. At least once: a ticket may come twice, or for a job that waits no
/// more. Thread-safe; calls block. Passes tests/unit/queue/queue_contract.
class Queue {
 public:
  virtual ~Queue() = default;
  /// Says that a stored job waits, from its available_at on.
  virtual void push(const Job& job) = 0;
  /// Waits up to `longest` for the next ticket. Nothing when there was none, or `stop` was
  /// requested.
  virtual std::optional<Ticket> pop(const Room& room, Milliseconds longest,
                                    std::stop_token stop) = 0;
  /// The job was claimed, or waits no more.
  virtual void done(const Ticket& ticket) = 0;
  /// Gives every waiting pop() another look.
  virtual void wake() = 0;
};

/// The jobs of the database that wait. `bell` is rung by push() and wake() and wakes the waiting
/// pops of all processes; `ageing` is the waiting that makes up for one step of priority.
std::unique_ptr<Queue> make_database_queue(JobStore& jobs, Notifier& notifier, const Clock& clock,
                                           Milliseconds ageing);

}  // namespace steno
