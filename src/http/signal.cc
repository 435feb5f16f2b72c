#include "http/signal.h"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "base/mutex.h"

namespace steno::http {

namespace asio = boost::asio;
using Time = std::chrono::steady_clock::time_point;

struct Signal::State : std::enable_shared_from_this<State> {
  explicit State(asio::any_io_executor executor) : timer(std::in_place, std::move(executor)) {}

  void notify();

  Mutex mutex;
  bool notified GUARDED_BY(mutex) = false;
  /// None after the Signal has ended. The waiting coroutine sets it up without the mutex: on the
  /// executor's thread it ends only with the coroutine.
  std::optional<asio::steady_timer> timer;
};

void Signal::State::notify() {
  const MutexLock lock(mutex);
  if (!timer || notified) return;
  notified = true;
  auto wake = [state = shared_from_this()] {
    const MutexLock own(state->mutex);
    if (state->timer) state->timer->cancel();
  };
  asio::post(timer->get_executor(), std::move(wake));
}

Signal::Signal(asio::any_io_executor executor)
    : state_(std::make_shared<State>(std::move(executor))) {}

Signal::~Signal() {
  const MutexLock lock(state_->mutex);
  state_->timer.reset();
}

void Signal::notify() { state_->notify(); }

std::function<void()> Signal::notifier() const {
  return [state = state_] { state->notify(); };
}

Task<Signal::Woken> Signal::wait_until(Time deadline) {
  const auto take = [this] {
    const MutexLock lock(state_->mutex);
    return std::exchange(state_->notified, false);
  };
  // A late cancellation by an earlier notification also ends the wait, so the loop waits again.
  while (true) {
    if (take()) co_return Woken::by_notification;
    if (std::chrono::steady_clock::now() >= deadline) co_return Woken::by_time;
    state_->timer->expires_at(deadline);
    boost::system::error_code ignored;
    co_await state_->timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

// Without a deadline, only a notification ends the wait.
Task<void> Signal::wait() { static_cast<void>(co_await wait_until(Time::max())); }

}  // namespace steno::http
