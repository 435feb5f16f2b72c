#pragma once

#include <atomic>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "notify/notifier.h"

namespace steno {

/// Another notifier, whose next waits throw if it is told so.
class FailingNotifier : public Notifier {
 public:
  explicit FailingNotifier(Notifier& notifier) : notifier_(notifier) {}
  void fail(int times) { failures_ = times; }
  /// How many of them are still to come; below 1: none.
  int failures() const { return failures_; }
  void notify() noexcept override { notifier_.notify(); }
  std::unique_ptr<Listener> listen() override {
    return std::make_unique<BorrowedListener>(notifier_.listen(), failures_);
  }

 private:
  class BorrowedListener : public Listener {
   public:
    BorrowedListener(std::unique_ptr<Listener> ear, std::atomic<int>& failures)
        : ear_(std::move(ear)), failures_(failures) {}
    bool wait(Milliseconds longest, std::stop_token stop) override {
      if (failures_-- > 0) throw std::system_error(ENOSPC, std::generic_category(), "the bell");
      return ear_->wait(longest, std::move(stop));
    }

   private:
    std::unique_ptr<Listener> ear_;
    std::atomic<int>& failures_;
  };

  Notifier& notifier_;
  std::atomic<int> failures_ = 0;
};

}  // namespace steno
