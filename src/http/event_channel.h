#pragma once

#include <atomic>
#include <vector>

#include "base/mutex.h"
#include "http/event_stream.h"
#include "http/signal.h"

namespace steno::http {

class Exchange;

/// The event queue of one connection. Any thread adds events; one coroutine sends them.
class EventChannel final : public EventStream, public std::enable_shared_from_this<EventChannel> {
 public:
  explicit EventChannel(Exchange& exchange);

  void send(EncodedEvent event) override;
  void close() override;
  bool ended() const override { return ended_; }
  Task<void> serve() override;
  Task<void> write(EncodedEvent event) override;

  /// Called by the exchange, on its connection's thread, when the exchange ends.
  void detach();

 private:
  void cut() REQUIRES(mutex_);
  Task<void> pump();
  Task<void> flush(std::vector<EncodedEvent> events);
  std::vector<EncodedEvent> take();

  Exchange* exchange_;  // used on the connection's thread only
  const std::size_t most_bytes_;
  boost::asio::any_io_executor executor_;
  Signal signal_;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> closing_ = false;
  std::atomic<bool> cut_ = false;

  Mutex mutex_;
  std::vector<EncodedEvent> queue_ GUARDED_BY(mutex_);
  std::size_t queued_bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace steno::http
