#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/doorbell.h"

namespace steno {

/// A doorbell of this process alone.
class LocalDoorbell : public Doorbell {
 public:
  void ring() noexcept override {
    const std::lock_guard lock(mutex_);
    ++rings_;
    changed_.notify_all();
  }
  std::unique_ptr<Listener> listen() override {
    const std::lock_guard lock(mutex_);
    return std::make_unique<Ear>(*this, rings_);
  }
  long rings() const {
    const std::lock_guard lock(mutex_);
    return rings_;
  }

 private:
  class Ear : public Listener {
   public:
    Ear(LocalDoorbell& bell, long heard) : bell_(bell), heard_(heard) {}
    bool wait(Milliseconds longest, std::stop_token stop) override {
      std::unique_lock lock(bell_.mutex_);
      const bool rang =
          bell_.changed_.wait_for(lock, stop, longest, [this] { return bell_.rings_ != heard_; });
      heard_ = bell_.rings_;
      return rang;
    }

   private:
    LocalDoorbell& bell_;
    long heard_;
  };

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  long rings_ = 0;
};

}  // namespace steno
