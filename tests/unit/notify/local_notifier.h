#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "notify/notifier.h"

namespace steno {

/// A notifier of this process alone.
class LocalNotifier : public Notifier {
 public:
  void notify() noexcept override {
    const std::lock_guard lock(mutex_);
    ++rings_;
    changed_.notify_all();
  }
  std::unique_ptr<Listener> listen() override {
    const std::lock_guard lock(mutex_);
    return std::make_unique<BorrowedListener>(*this, rings_);
  }
  long rings() const {
    const std::lock_guard lock(mutex_);
    return rings_;
  }

 private:
  class BorrowedListener : public Listener {
   public:
    BorrowedListener(LocalNotifier& notifier, long heard) : notifier_(notifier), heard_(heard) {}
    bool wait(Milliseconds longest, std::stop_token stop) override {
      std::unique_lock lock(notifier_.mutex_);
      const bool rang = notifier_.changed_.wait_for(lock, stop, longest,
                                                    [this] { return notifier_.rings_ != heard_; });
      heard_ = notifier_.rings_;
      return rang;
    }

   private:
    LocalNotifier& notifier_;
    long heard_;
  };

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  long rings_ = 0;
};

}  // namespace steno
