#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "http/task.h"

namespace steno::http {

/// Wakes one coroutine from any thread. A notification without a waiting coroutine is kept; several
/// count as one.
///
///     Signal signal(responder.executor());
///     auto wake = signal.notifier();  // outlives the handler safely
///     responder.on_client_gone(wake);
///     const auto subscription = changes.subscribe(job, wake);
///     while (!done() && !responder.client_gone()) {
///       if (co_await signal.wait_until(deadline) == Signal::Woken::by_time) break;
///     }
class Signal {
 public:
  enum class Woken { by_notification, by_time };

  explicit Signal(boost::asio::any_io_executor executor);
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  /// Thread-safe.
  void notify();
  /// Returns notify() as a function that may be called at any time, also after the Signal has
  /// ended.
  std::function<void()> notifier() const;

  /// Called on the executor's thread, by one coroutine at a time.
  Task<Woken> wait_until(std::chrono::steady_clock::time_point deadline);
  Task<void> wait();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace steno::http
