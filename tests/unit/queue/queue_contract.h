#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "queue/queue.h"
#include "store/sqlite/sqlite_store.h"
#include "unit/base/temporary_folder.h"
#include "unit/store/store_contract.h"

// The contract of every queue. A backend joins by a line in queue_backends_test.cc.

namespace steno {

/// A clock that a test sets.
class SetClock : public Clock {
 public:
  Time now() const override { return now_; }
  void set(Time now) { now_ = now; }

 private:
  std::atomic<Time> now_ = at(0);
};

/// A kind of queue.
struct QueueBackend {
  std::string name;
  /// Opens a queue over a store. Files of the backend may lie in the folder. If `is_shared`, two
  /// queues of one folder and store pass hints to each other, as those of two processes do.
  std::function<std::unique_ptr<Queue>(JobStore& jobs, const Clock& clock,
                                       const std::filesystem::path& folder)>
      open;
  bool is_shared = true;
};

inline void PrintTo(const QueueBackend& backend, std::ostream* out) { *out << backend.name; }

class QueueContract : public testing::TestWithParam<QueueBackend> {
 protected:
  /// The queue of another process, or the same one.
  Queue& other() {
    if (!GetParam().is_shared) return *queue_;
    const std::lock_guard lock(mutex_);
    others_.push_back(GetParam().open(store_->jobs(), clock_, folder_.path()));
    return *others_.back();
  }
  void store(const Job& job) { store_->jobs().submit({.jobs = {job}}, {}, {}); }
  /// Stores the job and sends a hint, as Lifecycle does.
  void submit(const Job& job) {
    store(job);
    queue_->push(std::span(&job, 1));
  }
  /// Claims the next job, as a worker does after each pop; its id, or "".
  std::string claim() {
    const auto claimed = store_->jobs().claim_next({.now = clock_.now()}, [](const Job& job) {
      JobWrite write{job};
      write.job.state = State::processing;
      return write;
    });
    return claimed ? claimed->after.id : "";
  }
  /// Takes the hints that are left, also spurious ones, until the queue has none.
  void drain(Queue& queue) {
    while (const auto ticket = queue.pop(Milliseconds(0), {})) queue.done(*ticket);
  }

  TemporaryFolder folder_;
  SetClock clock_;
  std::unique_ptr<Store> store_ = open_sqlite({}).value();
  std::unique_ptr<Queue> queue_ = GetParam().open(store_->jobs(), clock_, folder_.path());

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Queue>> others_;
};

/// Another queue that loses, repeats and reorders its hints at random.
class UnreliableQueue : public Queue {
 public:
  explicit UnreliableQueue(Queue& queue) : queue_(queue) {}
  void push(std::span<const Job> jobs) override {
    std::vector<Job> kept;
    for (const Job& job : jobs) {
      const int times = roll(3);
      for (int i = 0; i < times; ++i) kept.push_back(job);
    }
    std::ranges::reverse(kept);
    if (!kept.empty()) queue_.push(kept);
  }
  std::optional<Ticket> pop(Milliseconds longest, std::stop_token stop) override {
    auto ticket = queue_.pop(longest, std::move(stop));
    if (!ticket || roll(3) > 0) return ticket;
    queue_.done(*ticket);
    if (roll(2) == 0) return std::nullopt;                  // lost
    return Ticket{.job_id = "job_unknown", .receipt = {}};  // of a job that is gone
  }
  void done(const Ticket& ticket) override {
    if (ticket.job_id != "job_unknown") queue_.done(ticket);
  }
  void wake() override { queue_.wake(); }

 private:
  int roll(int sides) {
    const std::lock_guard lock(mutex_);
    return std::uniform_int_distribution<int>(0, sides - 1)(random_);
  }

  Queue& queue_;
  std::mutex mutex_;
  std::mt19937 random_{1};
};

}  // namespace steno
