#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace steno::app {

/// Watches for SIGINT and SIGTERM on a thread of its own. Make it before any other thread: it
/// blocks both signals in the calling thread, and threads started later inherit that.
class Interrupt {
 public:
  /// At the first signal `asked` is called, from the watching thread; at the second one, or when
  /// `grace` after the first has passed and this object still exists, `overdue`.
  Interrupt(std::function<void()> asked, std::function<void()> overdue,
            std::chrono::milliseconds grace);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

 private:
  void watch(const std::function<void()>& asked, const std::function<void()>& overdue,
             std::chrono::milliseconds grace) const;

  int signals_ = -1;  // signalfd
  int ended_ = -1;    // eventfd, written by the destructor
  std::thread thread_;
};

}  // namespace steno::app
