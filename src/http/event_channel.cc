// Problem: thousands of streams receive the same events from other threads, and a slow client must
// not delay them or use unbounded memory. Idea: an event is encoded once and shared. send() only
// appends it to the stream's queue and wakes the stream's coroutine, which writes the whole queue
// at once. A queue above its limit cuts the connection.
#include "http/event_channel.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <stdexcept>

#include "http/exchange.h"

namespace steno::http {
namespace {

constexpr std::size_t kBatchBytes = 16 * 1024;
constexpr std::string_view kKeepAlive = ": keep-alive\n\n";

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\n");
}

void append_data(std::string& out, std::string_view data) {
  while (true) {
    const auto end = data.find_first_of("\r\n");
    append_field(out, "data", data.substr(0, end));
    if (end == std::string_view::npos) return;
    const bool pair = data.substr(end, 2) == "\r\n";
    data.remove_prefix(end + (pair ? 2 : 1));
  }
}

void require_line(std::string_view text) {
  if (text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
    throw std::invalid_argument("an event's id and type are one line each");
  }
}

}  // namespace

EncodedEvent encode(const Event& event) {
  require_line(event.id);
  require_line(event.event);
  std::string out;
  out.reserve(event.data.size() + event.id.size() + event.event.size() + 24);
  if (!event.id.empty()) append_field(out, "id", event.id);
  if (!event.event.empty()) append_field(out, "event", event.event);
  append_data(out, event.data);
  out += '\n';
  return std::make_shared<const std::string>(std::move(out));
}

EventChannel::EventChannel(Exchange& exchange)
    : exchange_(&exchange),
      most_bytes_(exchange.connection().limits().event_queue),
      executor_(exchange.connection().executor()),
      signal_(executor_) {}

void EventChannel::send(EncodedEvent event) {
  {
    const MutexLock lock(mutex_);
    if (ended_ || closing_ || cut_) return;
    queued_bytes_ += event->size();
    if (queued_bytes_ > most_bytes_) {
      cut();
      return;
    }
    queue_.push_back(std::move(event));
  }
  signal_.notify();
}

/// detach() takes the mutex first, so the connection's executor is alive.
void EventChannel::cut() {
  cut_ = true;
  queue_.clear();
  auto close = [self = shared_from_this()] {
    if (self->exchange_ != nullptr) self->exchange_->connection().cut();
  };
  boost::asio::post(executor_, std::move(close));
}

void EventChannel::close() {
  closing_ = true;
  signal_.notify();
}

std::vector<EncodedEvent> EventChannel::take() {
  const MutexLock lock(mutex_);
  queued_bytes_ = 0;
  return std::exchange(queue_, {});
}

Task<void> EventChannel::write(EncodedEvent event) {
  if (exchange_ == nullptr) throw ClientGone();
  co_await exchange_->write(*event);
}

Task<void> EventChannel::flush(std::vector<EncodedEvent> events) {
  std::string batch;
  for (const EncodedEvent& event : events) {
    if (events.size() == 1) {
      co_await exchange_->write(*event);
      co_return;
    }
    batch += *event;
    if (batch.size() >= kBatchBytes) {
      co_await exchange_->write(batch);
      batch.clear();
    }
  }
  co_await exchange_->write(batch);
}

Task<void> EventChannel::pump() {
  Connection& connection = exchange_->connection();
  const auto keep_alive = connection.limits().event_keep_alive;
  while (!connection.gone() && !cut_) {
    // Read before the queue is taken, so that the queue holds everything sent before close().
    const bool last = closing_ || connection.stopping();
    auto events = take();
    if (!events.empty()) {
      co_await flush(std::move(events));
    } else if (last) {
      co_await exchange_->finish();
      co_return;
    } else if (co_await signal_.wait_until(Connection::Clock::now() + keep_alive) ==
               Signal::Woken::by_time) {
      co_await exchange_->write(kKeepAlive);
    }
  }
}

Task<void> EventChannel::serve() {
  if (exchange_ == nullptr || exchange_->request().method == "HEAD") closing_ = true;
  if (exchange_ == nullptr) co_return;
  Connection& connection = exchange_->connection();
  const auto wake = signal_.notifier();
  connection.on_stop(wake);
  exchange_->watch(wake);
  connection.shrink();
  try {
    co_await pump();
  } catch (const ClientGone&) {
    cut_ = true;  // no caller to report to; the session notices the unfinished answer
  }
  ended_ = true;
  take();
}

void EventChannel::detach() {
  const MutexLock lock(mutex_);
  ended_ = true;
  exchange_ = nullptr;
  queue_.clear();
}

}  // namespace steno::http
