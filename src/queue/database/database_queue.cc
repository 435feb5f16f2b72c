#include <algorithm>
#include <mutex>
#include <utility>

#include "queue/queue.h"

namespace steno {
namespace {

using std::chrono::steady_clock;

/// Further away, adding it to the present would overflow.
constexpr Milliseconds kLongest{std::chrono::hours(24 * 365)};

/// Listeners of a bell, lent to one pop at a time: to make one costs more than to wait by it.
/// Thread-safe.
class Listeners {
 public:
  explicit Listeners(Doorbell& bell) : bell_(bell) {}

  std::unique_ptr<Doorbell::Listener> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto listener = std::move(idle_.back());
        idle_.pop_back();
        return listener;
      }
    }
    return bell_.listen();
  }
  void give(std::unique_ptr<Doorbell::Listener> listener) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(listener));
  }

 private:
  Doorbell& bell_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Doorbell::Listener>> idle_;
};

/// A listener for the time of one pop.
class Ear {
 public:
  explicit Ear(Listeners& listeners) : listeners_(listeners), listener_(listeners.take()) {}
  ~Ear() { listeners_.give(std::move(listener_)); }
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;
  Doorbell::Listener& operator*() { return *listener_; }

 private:
  Listeners& listeners_;
  std::unique_ptr<Doorbell::Listener> listener_;
};

class DatabaseQueue : public Queue {
 public:
  DatabaseQueue(JobStore& jobs, Doorbell& bell, const Clock& clock, Milliseconds ageing)
      : jobs_(jobs), bell_(bell), clock_(clock), ageing_(ageing), listeners_(bell) {}

  // The stored job is the message.
  void push(const Job&) override { bell_.ring(); }
  void done(const Ticket&) override {}
  void wake() override { bell_.ring(); }

  std::optional<Ticket> pop(const Room& room, Milliseconds longest, std::stop_token stop) override {
    // Listens before it looks, so that no ring falls between.
    Ear ear(listeners_);
    const auto end = steady_clock::now() + std::min(longest, kLongest);
    while (!stop.stop_requested()) {
      const Time now = clock_.now();
      if (auto id = jobs_.next_waiting(now, ageing_, room.most_bytes)) {
        return Ticket{.job_id = std::move(*id), .receipt = {}};
      }
      const auto left = std::chrono::ceil<Milliseconds>(end - steady_clock::now());
      if (left <= Milliseconds(0)) return std::nullopt;
      (*ear).wait(std::min(left, until_next(now, left)), stop);
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
  Doorbell& bell_;
  const Clock& clock_;
  const Milliseconds ageing_;
  Listeners listeners_;
};

}  // namespace

std::unique_ptr<Queue> make_database_queue(JobStore& jobs, Doorbell& bell, const Clock& clock,
                                           Milliseconds ageing) {
  return std::make_unique<DatabaseQueue>(jobs, bell, clock, ageing);
}

}  // namespace steno
