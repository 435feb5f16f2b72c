#include "notify/memory/memory_notifier.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace steno {

class MemoryNotifier::MemoryListener final : public Notifier::Listener {
 public:
  MemoryListener(MemoryNotifier& notifier, long seen) : notifier_(notifier), seen_(seen) {}

  bool wait(Milliseconds longest, std::stop_token stop) override {
    longest = std::clamp(longest, Milliseconds(0), kLongestWait);
    const MutexLock lock(notifier_.mutex_);
    const bool is_new = notifier_.changed_.wait_for(
        notifier_.mutex_, stop, longest,
        [this]() REQUIRES(notifier_.mutex_) { return notifier_.notifications_ != seen_; });
    seen_ = notifier_.notifications_;
    return is_new;
  }

 private:
  MemoryNotifier& notifier_;
  long seen_;
};

void MemoryNotifier::notify() noexcept {
  const MutexLock lock(mutex_);
  ++notifications_;
  changed_.notify_all();
}

std::unique_ptr<Notifier::Listener> MemoryNotifier::listen() {
  const MutexLock lock(mutex_);
  return std::make_unique<MemoryListener>(*this, notifications_);
}

long MemoryNotifier::notifications() const {
  const MutexLock lock(mutex_);
  return notifications_;
}

}  // namespace steno
