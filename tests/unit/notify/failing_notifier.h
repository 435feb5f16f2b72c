#pragma once

#include <atomic>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "notify/notifier.h"

namespace steno {

/// Another notifier whose next waits throw, as many as fail() says.
class FailingNotifier : public Notifier {
 public:
  explicit FailingNotifier(Notifier& notifier) : notifier_(notifier) {}
  void fail(int times) { failures_ = times; }
  /// The number of failures still to come; below 1: none.
  int failures() const { return failures_; }
  void notify() noexcept override { notifier_.notify(); }
  std::unique_ptr<Listener> listen() override {
    return std::make_unique<FailingListener>(notifier_.listen(), failures_);
  }

 private:
  class FailingListener : public Listener {
   public:
    FailingListener(std::unique_ptr<Listener> listener, std::atomic<int>& failures)
        : listener_(std::move(listener)), failures_(failures) {}
    bool wait(Milliseconds longest, std::stop_token stop) override {
      if (failures_-- > 0) throw std::system_error(ENOSPC, std::generic_category(), "notifier");
      return listener_->wait(longest, std::move(stop));
    }

   private:
    std::unique_ptr<Listener> listener_;
    std::atomic<int>& failures_;
  };

  Notifier& notifier_;
  std::atomic<int> failures_ = 0;
};

}  // namespace steno
