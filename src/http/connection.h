#pragma once

#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/limits.h"
#include "http/signal.h"
#include "http/transport.h"

namespace steno::http {

/// The most bytes of one read or write. The write deadline is renewed after this many bytes.
inline constexpr std::size_t kPieceBytes = 64 * 1024;

/// A connection with its read-ahead buffer, its deadline and the detection of a disconnected
/// client. Use it on its executor's thread only. A read or write that waits ends when the deadline
/// passes.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;
  using Ms = std::chrono::milliseconds;

  Connection(Transport transport, const ServerLimits& limits);

  /// Performs the TLS handshake within ServerLimits::header_timeout. Returns at once for plain TCP.
  Task<bool> handshake();

  /// Bytes that have been read and not consumed. Valid until the next fill().
  std::string_view buffered() const;
  void consume(std::size_t size) { buffer_.consume(size); }

  /// Reads at most `size` more bytes. Returns false at the end of the stream, after an error and at
  /// the deadline.
  Task<bool> fill(std::size_t size, Clock::time_point deadline);
  /// Whether the last fill() ended by its deadline.
  bool timed_out() const { return timed_out_; }

  /// Sends all pieces. Throws ClientGone when the connection breaks, or when the client takes
  /// longer than ServerLimits::write_timeout to accept a piece.
  Task<void> write(std::string_view first, std::string_view second = {},
                   std::string_view third = {});

  /// Keeps reading while the handler does something else. Calls `gone` once when the client
  /// disconnects or the connection is cut. Null removes the callback.
  void watch(std::function<void()> gone);
  bool gone() const { return gone_; }

  /// Frees memory that an idle stream does not need.
  void shrink() { buffer_.shrink_to_fit(); }

  /// Closes the sending side and reads what the client still sends for a short time. Without this,
  /// a TCP reset could destroy the last answer.
  Task<void> linger();

  /// Called by the server: check_deadline() four times a second, stop() once when the server stops,
  /// cut() when the grace period is over.
  void check_deadline(Clock::time_point now);
  void stop();
  void cut();

  /// Whether the server is stopping. The current request is then the last one.
  bool stopping() const { return stopping_; }
  /// Sets the function to call when the server stops. Null removes it.
  void on_stop(std::function<void()> stop) { on_stop_ = std::move(stop); }

  /// `idle` means between requests: stop() may then close the connection.
  enum class Phase { idle, busy };
  void enter(Phase phase) { phase_ = phase; }

  const ServerLimits& limits() const { return limits_; }
  std::uint64_t sent_bytes() const { return sent_bytes_; }
  bool secure() const { return transport_.secure(); }
  std::string remote_address();
  boost::asio::any_io_executor executor() { return transport_.executor(); }

 private:
  void start_early_read();
  void finish_early_read(std::size_t size);
  void notice_gone();

  Transport transport_;
  const ServerLimits& limits_;
  boost::beast::flat_buffer buffer_;
  std::optional<Clock::time_point> deadline_;
  bool timed_out_ = false;
  bool gone_ = false;
  bool stopping_ = false;
  Phase phase_ = Phase::idle;
  bool reading_early_ = false;
  std::vector<char> early_bytes_;
  std::optional<Signal> early_read_done_;  // set while fill() waits for the early read
  std::function<void()> on_gone_;
  std::function<void()> on_stop_;
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace steno::http
