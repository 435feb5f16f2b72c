#include <algorithm>
#include <mutex>
#include <utility>

#include "queue/queue.h"

namespace steno {
namespace {

using std::chrono::steady_clock;

/// Further away, adding it to the present would overflow.
constexpr Milliseconds kLongest{std::chrono::hours(24 * 365)};

/// Listeners of a notifier, lent to one pop at a time: to make one costs more than to wait by it.
/// Thread-safe.
class Listeners {
 public:
  explicit Listeners(Notifier& notifier) : notifier_(notifier) {}

  std::unique_ptr<Notifier::Listener> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto listener = std::move(idle_.back());
        idle_.pop_back();
        return listener;
      }
    }
    return notifier_.listen();
  }
  void give(std::unique_ptr<Notifier::Listener> listener) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(listener));
  }

 private:
  Notifier& notifier_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Notifier::Listener>> idle_;
};

/// A listener for the time of one pop.
class BorrowedListener {
 public:
  explicit BorrowedListener(Listeners& listeners)
      : listeners_(listeners), listener_(listeners.take()) {}
  ~BorrowedListener() { listeners_.give(std::move(listener_)); }
  BorrowedListener(const BorrowedListener&) = delete;
  BorrowedListener& operator=(const BorrowedListener&) = delete;
  Notifier::Listener& operator*() { return *listener_; }

 private:
  Listeners& listeners_;
  std::unique_ptr<Notifier::Listener> listener_;
};

class DatabaseQueue : public Queue {
 public:
  DatabaseQueue(JobStore& jobs, Notifier& notifier, const Clock& clock, Milliseconds ageing)
      : jobs_(jobs), notifier_(notifier), clock_(clock), ageing_(ageing), listeners_(notifier) {}

  // The stored job is the message.
  void push(const Job&) override { notifier_.notify(); }
  void done(const Ticket&) override {}
  void wake() override { notifier_.notify(); }

  std::optional<Ticket> pop(const Room& room, Milliseconds longest, std::stop_token stop) override {
    // Listens before it looks, so that no ring falls between.
    BorrowedListener listener(listeners_);
    const auto end = steady_clock::now() + std::min(longest, kLongest);
    while (!stop.stop_requested()) {
      const Time now = clock_.now();
      if (auto id = jobs_.next_waiting(now, ageing_, room.most_bytes)) {
        return Ticket{.job_id = std::move(*id), .receipt = {}};
      }
      const auto left = std::chrono::ceil<Milliseconds>(end - steady_clock::now());
      if (left <= Milliseconds(0)) return std::nullopt;
      (*listener).wait(std::min(left, until_next(now, left)), stop);
    }
    return std::nullopt;
  }

 private:
  /// Until a job that now waits out its back-off may start; `longest` when there is none.
  Milliseconds until_next(Time now, Milliseconds longest) {
    const auto available = jobs_.next_available(now);
    return available ? std::min(*available - now, longest) : longest;
  }

  JobStore& jobs_;
  Notifier& notifier_;
  const Clock& clock_;
  const Milliseconds ageing_;
  Listeners listeners_;
};

}  // namespace

std::unique_ptr<Queue> make_database_queue(JobStore& jobs, Notifier& notifier, const Clock& clock,
                                           Milliseconds ageing) {
  return std::make_unique<DatabaseQueue>(jobs, notifier, clock, ageing);
}

}  // namespace steno
