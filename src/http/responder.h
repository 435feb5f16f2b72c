#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/event_stream.h"
#include "http/response.h"
#include "http/task.h"

namespace steno::http {

class Exchange;

/// The answer to one request: either send(), or begin() with write() and finish(), or
/// open_events(). Each throws ClientGone when the connection breaks or the client reads too slowly.
/// Belongs to its connection's thread.
class Responder {
 public:
  explicit Responder(Exchange& exchange) : exchange_(exchange) {}
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  /// Fields that the answer gets whatever it will be, an error too; for middlewares.
  Headers& headers();

  /// The whole answer, fitted to the request's conditions, range and Accept-Encoding.
  Task<void> send(Response response);

  /// The start of an answer whose length is not known; the body of `head` is the first piece.
  Task<void> begin(Response head);
  /// One more piece. Returns when the connection has taken it.
  Task<void> write(std::string_view piece);
  /// The end of it. An answer that is begun and not finished is cut, so that the client can tell.
  Task<void> finish();

  /// Starts an answer of server-sent events.
  Task<std::shared_ptr<EventStream>> open_events();

  /// Whether the answer's header has been sent, and its status; 0 before.
  bool started() const;
  int status() const;

  /// Whether the client went away or the server ends now. Known from the first call of
  /// on_client_gone() on; what was sent is checked by the writes themselves.
  bool client_gone() const;
  /// Calls `gone` once on this connection's thread when the client goes away, or the server's grace
  /// period is over. Noticed once the body has been read. For a handler that waits for something
  /// else: it is to end soon after. Replaces the function given before; null takes it back.
  void on_client_gone(std::function<void()> gone);

  /// Whether the server stops: it waits for running requests, but only for its grace period.
  bool stopping() const;
  /// Calls `stop` once on this connection's thread when the server begins to stop. For a handler
  /// that waits and can as well answer now. Replaces the function given before; null takes it back.
  void on_stop(std::function<void()> stop);

  /// The executor of this connection, for timers and Signal.
  boost::asio::any_io_executor executor() const;

 private:
  Exchange& exchange_;
};

}  // namespace steno::http
