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

/// A connection with what was read ahead, its deadline, and the watch for a client that goes away.
/// On its executor's thread only. A deadline that has passed ends the read or write that waits.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;
  using Ms = std::chrono::milliseconds;

  Connection(Transport transport, const Limits& limits);

  /// The TLS handshake, where there is one, within Limits::header_timeout.
  Task<bool> handshake();

  /// Bytes that were read and not yet consumed; valid until the next fill().
  std::string_view buffered() const;
  void consume(std::size_t size) { buffer_.consume(size); }

  /// Reads at most `size` more bytes. False at the end, after an error or at the deadline.
  Task<bool> fill(std::size_t size, Clock::time_point deadline);
  /// Whether the last fill() ended by its deadline.
  bool timed_out() const { return timed_out_; }

  /// Sends all of it. Throws ClientGone when the connection breaks, or the client takes more than
  /// Limits::write_timeout for a piece.
  Task<void> write(std::string_view first, std::string_view second = {},
                   std::string_view third = {});

  /// Reads on while something else is done, and calls `gone` once when the client goes away or the
  /// connection is cut. Null takes it back.
  void watch(std::function<void()> gone);
  bool gone() const { return gone_; }

  /// Gives back memory that an idle stream does not need.
  void shrink() { buffer_.shrink_to_fit(); }

  /// Says good-bye and takes what the client still sends, for a moment, so that our last answer is
  /// not lost by a reset.
  Task<void> linger();

  /// Called by the server: four times a second; once when it stops; when its patience ends.
  void check_deadline(Clock::time_point now);
  void stop();
  void cut();

  /// Whether the server stops: the request in hand is the last one.
  bool stopping() const { return stopping_; }
  /// What to do when the server stops; null takes it back.
  void on_stop(std::function<void()> stop) { on_stop_ = std::move(stop); }

  /// Idle between requests: stop() may close it.
  enum class Phase { idle, busy };
  void enter(Phase phase) { phase_ = phase; }

  const Limits& limits() const { return limits_; }
  std::uint64_t sent_bytes() const { return sent_bytes_; }
  bool secure() const { return transport_.secure(); }
  std::string remote_address();
  boost::asio::any_io_executor executor() { return transport_.executor(); }

 private:
  void start_early_read();
  void finish_early_read(std::size_t size);
  void notice_gone();

  Transport transport_;
  const Limits& limits_;
  boost::beast::flat_buffer buffer_;
  std::optional<Clock::time_point> deadline_;
  bool timed_out_ = false;
  bool gone_ = false;
  bool stopping_ = false;
  Phase phase_ = Phase::idle;
  bool reading_early_ = false;
  std::vector<char> early_bytes_;
  std::optional<Signal> early_read_done_;  // while fill() waits for it
  std::function<void()> on_gone_;
  std::function<void()> on_stop_;
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace steno::http
