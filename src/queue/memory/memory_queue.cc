#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/mutex.h"
#include "queue/queue.h"

namespace steno {
namespace {

using std::chrono::steady_clock;

/// Repeated hints of one job are one ticket, so that there are never more tickets than jobs.
class MemoryQueue : public Queue {
 public:
  explicit MemoryQueue(const Clock& clock) : clock_(clock) {}

  void push(std::span<const Job> jobs) override {
    const MutexLock lock(mutex_);
    for (const Job& job : jobs) {
      const auto [known, is_new] = available_at_.try_emplace(job.id, job.available_at);
      if (!is_new) order_.erase({std::exchange(known->second, job.available_at), job.id});
      order_.emplace(job.available_at, job.id);
    }
    notify_all();
  }

  std::optional<Ticket> pop(Milliseconds longest, std::stop_token stop) override {
    const auto end = steady_clock::now() + std::clamp(longest, Milliseconds(0), kLongestWait);
    const MutexLock lock(mutex_);
    ++waiting_;
    const int64_t wakes = wakes_;
    std::optional<Ticket> ticket;
    while (!stop.stop_requested() && !(ticket = take(wakes))) {
      const auto left = std::chrono::ceil<Milliseconds>(end - steady_clock::now());
      if (left <= Milliseconds(0)) break;
      const int64_t changes = changes_;
      changed_.wait_for(mutex_, stop, std::min(left, until_next()),
                        [&]() REQUIRES(mutex_) { return changes_ != changes; });
    }
    --waiting_;
    return ticket;
  }

  void done(const Ticket&) override {}

  void wake() override {
    const MutexLock lock(mutex_);
    ++wakes_;
    is_wake_kept_ = waiting_ == 0;
    notify_all();
  }

 private:
  void notify_all() REQUIRES(mutex_) {
    ++changes_;
    changed_.notify_all();
  }

  /// The hint of an available job, or of a wake() since there were `wakes` of them.
  std::optional<Ticket> take(int64_t wakes) REQUIRES(mutex_) {
    if (!order_.empty() && order_.begin()->first <= clock_.now()) {
      Ticket ticket{.job_id = order_.begin()->second, .receipt = {}};
      order_.erase(order_.begin());
      available_at_.erase(ticket.job_id);
      return ticket;
    }
    if (wakes_ == wakes && !is_wake_kept_) return std::nullopt;
    is_wake_kept_ = false;
    return Ticket{};
  }

  Milliseconds until_next() const REQUIRES(mutex_) {
    return order_.empty() ? kLongestWait
                          : std::min(order_.begin()->first - clock_.now(), kLongestWait);
  }

  const Clock& clock_;
  Mutex mutex_;
  CondVar changed_;
  std::map<std::string, Time> available_at_ GUARDED_BY(mutex_);      ///< by job
  std::set<std::pair<Time, std::string>> order_ GUARDED_BY(mutex_);  ///< the same, by time
  int waiting_ GUARDED_BY(mutex_) = 0;                               ///< calls of pop()
  bool is_wake_kept_ GUARDED_BY(mutex_) = false;  ///< a wake() came while no pop() waited
  int64_t wakes_ GUARDED_BY(mutex_) = 0;
  int64_t changes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace

std::unique_ptr<Queue> make_memory_queue(const Clock& clock) {
  return std::make_unique<MemoryQueue>(clock);
}

}  // namespace steno
