#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace steno::app {

/// Watches for SIGINT and SIGTERM on a thread of its own, and for SIGHUP where asked to. Make it
/// before any other thread: it blocks the signals in the calling thread, and threads started later
/// inherit that.
class Interrupt {
 public:
  /// At the first signal `asked` is called, from the watching thread; at the second one, or when
  /// `grace` after the first has passed and this object still exists, `overdue`. `hung_up` is
  /// called, from that thread too, at each SIGHUP; without it that signal is left alone.
  Interrupt(std::function<void()> asked, std::function<void()> overdue,
            std::chrono::milliseconds grace, std::function<void()> hung_up = {});
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

 private:
  void watch(std::chrono::milliseconds grace) const;

  const std::function<void()> asked_;
  const std::function<void()> overdue_;
  const std::function<void()> hung_up_;
  int signals_ = -1;  // signalfd
  int ended_ = -1;    // eventfd, written by the destructor
  std::thread thread_;
};

}  // namespace steno::app
