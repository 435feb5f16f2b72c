#include <algorithm>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "queue/queue.h"

namespace steno {
namespace {

using std::chrono::steady_clock;

/// Listeners of a notifier, lent to one pop at a time: creating one costs more than a wait. A
/// listener keeps the notifications that come while it is idle. Thread-safe.
class Listeners {
 public:
  explicit Listeners(Notifier& notifier) : notifier_(notifier) {}

  /// Nothing when all are lent.
  std::unique_ptr<Notifier::Listener> take() {
    const MutexLock lock(mutex_);
    if (idle_.empty()) return nullptr;
    auto listener = std::move(idle_.back());
    idle_.pop_back();
    return listener;
  }
  std::unique_ptr<Notifier::Listener> create() { return notifier_.listen(); }
  void give(std::unique_ptr<Notifier::Listener> listener) {
    const MutexLock lock(mutex_);
    idle_.push_back(std::move(listener));
  }

 private:
  Notifier& notifier_;
  Mutex mutex_;
  std::vector<std::unique_ptr<Notifier::Listener>> idle_ GUARDED_BY(mutex_);
};

/// A listener for the duration of one pop.
class BorrowedListener {
 public:
  explicit BorrowedListener(Listeners& listeners)
      : listeners_(listeners), listener_(listeners.take()), is_new_(listener_ == nullptr) {
    if (is_new_) listener_ = listeners_.create();
  }
  ~BorrowedListener() { listeners_.give(std::move(listener_)); }
  BorrowedListener(const BorrowedListener&) = delete;
  BorrowedListener& operator=(const BorrowedListener&) = delete;
  /// Whether it did not exist before, and so knows nothing of earlier notifications.
  bool is_new() const { return is_new_; }
  bool wait(Milliseconds longest, std::stop_token stop) {
    return listener_->wait(longest, std::move(stop));
  }

 private:
  Listeners& listeners_;
  std::unique_ptr<Notifier::Listener> listener_;
  const bool is_new_;
};

class DatabaseQueue : public Queue {
 public:
  DatabaseQueue(JobStore& jobs, Notifier& notifier, const Clock& clock)
      : jobs_(jobs), notifier_(notifier), clock_(clock), listeners_(notifier) {}

  // The stored jobs are the message.
  void push(std::span<const Job>) override { notifier_.notify(); }
  void done(const Ticket&) override {}
  void wake() override { notifier_.notify(); }

  std::optional<Ticket> pop(Milliseconds longest, std::stop_token stop) override {
    if (stop.stop_requested()) return std::nullopt;
    BorrowedListener listener(listeners_);
    if (listener.is_new()) return Ticket{};
    const auto end = steady_clock::now() + std::clamp(longest, Milliseconds(0), kLongestWait);
    while (true) {
      const auto left = std::chrono::ceil<Milliseconds>(end - steady_clock::now());
      const Milliseconds until = until_next_available();
      const bool is_notified = listener.wait(std::min(left, until), stop);
      if (stop.stop_requested()) return std::nullopt;
      if (is_notified || until <= left) return Ticket{};
      if (steady_clock::now() >= end) return std::nullopt;
    }
  }

 private:
  /// Until the back-off of the next waiting job is over.
  Milliseconds until_next_available() {
    const Time now = clock_.now();
    const auto available = jobs_.next_available(now);
    return available ? std::min(*available - now, kLongestWait) : kLongestWait;
  }

  JobStore& jobs_;
  Notifier& notifier_;
  const Clock& clock_;
  Listeners listeners_;
};

}  // namespace

std::unique_ptr<Queue> make_database_queue(JobStore& jobs, Notifier& notifier, const Clock& clock) {
  return std::make_unique<DatabaseQueue>(jobs, notifier, clock);
}

}  // namespace steno
