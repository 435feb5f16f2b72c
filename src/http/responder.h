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

/// Answers one request, in one of three ways: send(); begin(), write() and finish(); or
/// open_events(). Each throws ClientGone when the connection breaks or the client reads too slowly.
/// Use it on its connection's thread.
///
///     co_await responder.send(Response::json(200, value));
class Responder {
 public:
  explicit Responder(Exchange& exchange) : exchange_(exchange) {}
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  /// Header fields added to every answer, also to errors. For middlewares.
  Headers& headers();

  /// Sends a whole answer. Applies the request's conditions, range and Accept-Encoding.
  Task<void> send(Response response);

  /// Starts an answer of unknown length. The body of `head` is the first piece.
  Task<void> begin(Response head);
  /// Sends one more piece. Returns when the connection has accepted it.
  Task<void> write(std::string_view piece);
  /// Ends the answer. If an answer is started and not finished, the connection is cut, so that the
  /// client can detect it.
  Task<void> finish();

  /// Starts an answer of server-sent events.
  Task<std::shared_ptr<EventStream>> open_events();

  /// Whether the answer's header has been sent, and its status (0 before).
  bool started() const;
  int status() const;

  /// Whether the client has disconnected or the server is ending now. Valid from the first call of
  /// on_client_gone(). Writes detect a disconnected client themselves.
  bool client_gone() const;
  /// Calls `gone` once on this connection's thread when the client disconnects or the server's
  /// grace period is over. Works once the body has been read. A handler that waits for something
  /// else must end soon after. Replaces the previous function; null removes it.
  void on_client_gone(std::function<void()> gone);

  /// Whether the server is stopping. It waits for running requests until its grace period is over.
  bool stopping() const;
  /// Calls `stop` once on this connection's thread when the server begins to stop. For a handler
  /// that waits and can answer immediately. Replaces the previous function; null removes it.
  void on_stop(std::function<void()> stop);

  /// The executor of this connection, for timers and Signal.
  boost::asio::any_io_executor executor() const;

 private:
  Exchange& exchange_;
};

}  // namespace steno::http
