#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace steno::http {

/// Limits for clients of the server. Time limits are checked four times a second.
struct ServerLimits {
  using Ms = std::chrono::milliseconds;

  std::size_t header_bytes = 16 * 1024;  ///< request line and headers; 414 or 431 above it
  /// For routes without a limit of their own; 413 above it.
  std::uint64_t body_bytes = 1024 * 1024;
  /// From the first byte to the end of the headers; then 408.
  Ms header_timeout = std::chrono::seconds(10);
  /// Longest time without a byte of the body; then 408.
  Ms body_idle_timeout = std::chrono::seconds(30);
  /// Lowest average rate of a body; 408 below it; 0: no limit.
  std::uint64_t body_bytes_per_s = 500;
  Ms body_rate_grace = std::chrono::seconds(10);  ///< time before the rate is checked
  Ms write_timeout = std::chrono::seconds(30);    ///< for the client to accept one piece (64 KiB)
  Ms keep_alive_timeout = std::chrono::seconds(75);  ///< longest time between two requests
  std::size_t connections = 16384;                   ///< open at the same time; 503 above it
  /// Interval between comments in an idle event stream.
  Ms event_keep_alive = std::chrono::seconds(15);
  std::size_t event_queue = 256 * 1024;  ///< most bytes that may wait in one event stream
};

}  // namespace steno::http
