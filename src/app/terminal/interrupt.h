#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "base/file.h"

namespace steno::app {

/// Watches for SIGINT and SIGTERM on its own thread, and for SIGHUP if requested. Create it before
/// any other thread: it blocks the signals in the calling thread, and later threads inherit that.
class Interrupt {
 public:
  /// `asked` is called at the first signal. `overdue` is called at a SIGINT after it, or when
  /// `grace` has passed and this object still exists. A repeated SIGTERM changes nothing. `hung_up`
  /// is called at each SIGHUP; without it, that signal is not handled. All are called from the
  /// watching thread.
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
  Descriptor signals_;  // signalfd
  Descriptor ended_;    // eventfd, written by the destructor
  std::thread thread_;
};

}  // namespace steno::app
