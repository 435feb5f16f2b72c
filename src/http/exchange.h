#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/body_reader.h"
#include "http/connection.h"
#include "http/fit.h"
#include "http/offload.h"
#include "http/response.h"

namespace steno::http {

class EventChannel;

/// Sends the answer to one request. This is the implementation of Responder.
class Exchange {
 public:
  enum class State { fresh, streaming, complete };

  /// Files are read and bodies are compressed on `blocking`.
  Exchange(Connection& connection, const RequestHead& request, BodyReader& body,
           BlockingPool& blocking);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  Task<void> send(Response response);
  Task<void> begin(Response head);
  Task<void> write(std::string_view piece);
  Task<void> finish();
  std::shared_ptr<EventChannel> events();

  Headers& headers() { return headers_; }
  State state() const { return state_; }
  int status() const { return status_; }
  const RequestHead& request() const { return request_; }
  Connection& connection() { return connection_; }

  /// Calls `gone` when the client disconnects. Active once the request's body has been read.
  void watch(std::function<void()> gone);

  /// Closes the connection after this answer.
  void close_after() { keep_alive_ = false; }
  /// Whether another request may follow. Valid once the answer is complete.
  bool keep_alive() const { return keep_alive_; }

 private:
  enum class Framing { length, chunked, until_close };

  std::string head(const Response& response, Framing framing, std::uint64_t length);
  void settle_keep_alive();
  Task<void> compress(Response& response);
  Task<void> send_source(ByteSource& source, Span span);

  Connection& connection_;
  const RequestHead& request_;
  BodyReader& body_;
  BlockingPool& blocking_;
  Headers headers_;
  State state_ = State::fresh;
  Framing framing_ = Framing::length;
  int status_ = 0;
  bool keep_alive_;
  std::shared_ptr<EventChannel> events_;
};

}  // namespace steno::http
