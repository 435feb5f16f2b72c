#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "queue/queue.h"
#include "store/sqlite/sqlite_store.h"
#include "unit/base/temporary_folder.h"
#include "unit/store/store_contract.h"

// What every queue promises. A backend joins by a line in queue_backends_test.cc.

namespace steno {

/// A clock that a test turns.
class SetClock : public Clock {
 public:
  Time now() const override { return now_; }
  void set(Time now) { now_ = now; }

 private:
  std::atomic<Time> now_ = at(0);
};

/// A kind of queue, over a store that is there already.
struct QueueBackend {
  std::string name;
  /// Files for the backend's own use may lie in the folder. Several queues of one folder and store
  /// are as those of several processes.
  std::function<std::unique_ptr<Queue>(JobStore& jobs, const Clock& clock,
                                       const std::filesystem::path& folder)>
      open;
};

inline void PrintTo(const QueueBackend& backend, std::ostream* out) { *out << backend.name; }

class QueueContract : public testing::TestWithParam<QueueBackend> {
 protected:
  std::unique_ptr<Queue> open() { return GetParam().open(store_->jobs(), clock_, folder_.path()); }
  /// Stores the job and says so, as who submits does.
  void submit(const Job& job) {
    store_->jobs().create(job, {}, std::nullopt, Milliseconds(0), {});
    queue_->push(job);
  }
  /// Claims the ticket's job, as a worker does; false when another was first.
  bool claim(Queue& queue, const Ticket& ticket) {
    auto job = store_->jobs().find(ticket.job_id);
    const bool waits = job && job->state == State::pending;
    if (waits) job->state = State::processing;
    const bool won = waits && store_->jobs().update(*job, {});
    queue.done(ticket);
    return won;
  }
  std::optional<std::string> pop(Milliseconds longest, const Room& room = {}) {
    const auto ticket = queue_->pop(room, longest, {});
    if (!ticket) return std::nullopt;
    return ticket->job_id;
  }

  TemporaryFolder folder_;
  SetClock clock_;
  std::unique_ptr<Store> store_ = open_sqlite({}).value();
  std::unique_ptr<Queue> queue_ = open();
};

}  // namespace steno
