#pragma once

#include <atomic>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "base/doorbell.h"

namespace steno {

/// Another doorbell, whose next waits throw if it is told so.
class FailingDoorbell : public Doorbell {
 public:
  explicit FailingDoorbell(Doorbell& bell) : bell_(bell) {}
  void fail(int times) { failures_ = times; }
  /// How many of them are still to come; below 1: none.
  int failures() const { return failures_; }
  void ring() noexcept override { bell_.ring(); }
  std::unique_ptr<Listener> listen() override {
    return std::make_unique<Ear>(bell_.listen(), failures_);
  }

 private:
  class Ear : public Listener {
   public:
    Ear(std::unique_ptr<Listener> ear, std::atomic<int>& failures)
        : ear_(std::move(ear)), failures_(failures) {}
    bool wait(Milliseconds longest, std::stop_token stop) override {
      if (failures_-- > 0) throw std::system_error(ENOSPC, std::generic_category(), "the bell");
      return ear_->wait(longest, std::move(stop));
    }

   private:
    std::unique_ptr<Listener> ear_;
    std::atomic<int>& failures_;
  };

  Doorbell& bell_;
  std::atomic<int> failures_ = 0;
};

}  // namespace steno
