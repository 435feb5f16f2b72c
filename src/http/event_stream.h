#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "http/task.h"

namespace steno::http {

/// One server-sent event. A line break in `data` makes more than one "data:" line.
struct Event {
  std::string id = {};     ///< "" for none; neither line break nor NUL
  std::string event = {};  ///< its type, "" for "message"; no line break
  std::string data = {};
};

/// The bytes of an event, to be shared by all the streams it is sent to.
using EncodedEvent = std::shared_ptr<const std::string>;

/// Throws std::invalid_argument for a line break or NUL in `id` or `event`.
EncodedEvent encode(const Event& event);

/// The events of one connection. An idle one sends a comment at Limits::event_keep_alive, so that
/// proxies keep it open. A client that does not read is cut once Limits::event_queue bytes wait.
class EventStream {
 public:
  virtual ~EventStream() = default;

  /// Queues an event. Thread-safe, never waits; nothing happens once the stream has ended.
  virtual void send(EncodedEvent event) = 0;
  void send(const Event& event) { send(encode(event)); }

  /// Ends the stream when all that is queued has been sent. Thread-safe.
  virtual void close() = 0;

  /// Whether it has ended: closed, cut, the client gone, the server stopping. Thread-safe.
  virtual bool ended() const = 0;

  /// Sends what is queued until the stream has ended. The handler awaits it, once; it does not
  /// throw for a client that goes away.
  virtual Task<void> serve() = 0;

  /// For a handler that has many events at hand (replay): sends one and returns when the connection
  /// has taken it. Before serve(), on the connection's thread. Throws ClientGone.
  virtual Task<void> write(EncodedEvent event) = 0;
};

}  // namespace steno::http
