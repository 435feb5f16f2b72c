#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "http/task.h"

namespace steno::http {

/// One server-sent event. Each line of `data` is sent as a "data:" line of its own.
struct Event {
  std::string id = {};     ///< "" for none; must not contain line breaks or NUL
  std::string event = {};  ///< the event's type, "" for "message"; must not contain line breaks
  std::string data = {};
};

/// The encoded bytes of an event, shared by all streams that send it.
using EncodedEvent = std::shared_ptr<const std::string>;

/// Encodes an event. Throws std::invalid_argument for a line break or NUL in `id` or `event`.
EncodedEvent encode(const Event& event);

/// The server-sent events of one connection. An idle stream sends a comment every
/// ServerLimits::event_keep_alive, so that proxies keep the connection open. The stream is cut when
/// more than ServerLimits::event_queue bytes wait for a client that does not read.
class EventStream {
 public:
  virtual ~EventStream() = default;

  /// Queues an event. Thread-safe, never blocks. Does nothing after the stream has ended.
  virtual void send(EncodedEvent event) = 0;
  void send(const Event& event) { send(encode(event)); }

  /// Ends the stream after all queued events have been sent. Thread-safe.
  virtual void close() = 0;

  /// Whether the stream has ended: closed, cut, client disconnected, or server stopping.
  /// Thread-safe.
  virtual bool ended() const = 0;

  /// Sends queued events until the stream ends. The handler awaits it once. Does not throw when the
  /// client disconnects.
  virtual Task<void> serve() = 0;

  /// Sends one event and returns when the connection has accepted it. For handlers that replay many
  /// events before serve(). Call it on the connection's thread. Throws ClientGone.
  virtual Task<void> write(EncodedEvent event) = 0;
};

}  // namespace steno::http
