#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "domain/job.h"
#include "notify/notifier.h"
#include "store/job_store.h"

// Wait for jobs:
//
//   while (running) {
//     if (auto lease = lifecycle.claim_next(name, capacity)) {
//       start(*lease);
//     } else if (const auto ticket = queue.pop(poll, stop)) {
//       queue.done(*ticket);
//     }
//   }

namespace steno {

/// One hint that a job may be waiting.
struct Ticket {
  std::string job_id;   ///< may be empty, and the job may wait no more
  std::string receipt;  ///< the backend's, for done()
};

/// Hints for workers to look for a waiting job in the job store. A hint may be repeated, late, out
/// of order or lost. The job store decides which job is claimed, in JobStore::claim_next(). A
/// worker looks there after every pop(), whatever it returned, and housekeeping repeats the hints
/// of jobs that wait: a lost hint delays a job and loses none.
///
/// Thread-safe; calls block. Passes tests/unit/queue/queue_contract.cc.
class Queue {
 public:
  virtual ~Queue() = default;
  /// The stored jobs wait; each can be claimed from its available_at. Does not fail: a backend logs
  /// that a hint could not be sent, and housekeeping repeats it.
  virtual void push(std::span<const Job> jobs) = 0;
  /// Waits up to `longest` for a hint since the last call. Nothing when there was none, or when
  /// `stop` was requested.
  virtual std::optional<Ticket> pop(Milliseconds longest, std::stop_token stop) = 0;
  /// The worker has looked. A backend may repeat a ticket for which this is not called.
  virtual void done(const Ticket& ticket) = 0;
  /// Gives every waiting pop() a hint.
  virtual void wake() = 0;
};

/// Hints from the job store itself: a notification wakes the pops of all processes, and a job that
/// waits for its back-off is known to the store.
std::unique_ptr<Queue> make_database_queue(JobStore& jobs, Notifier& notifier, const Clock& clock);

/// Hints within this process. `clock` outlives the queue.
std::unique_ptr<Queue> make_memory_queue(const Clock& clock);

}  // namespace steno
