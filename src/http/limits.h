#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace steno::http {

/// What one client may ask of the server. Times are checked four times a second.
struct Limits {
  using Ms = std::chrono::milliseconds;

  std::size_t header_bytes = 16 * 1024;          ///< request line and header; beyond it 414, 431
  std::uint64_t body_bytes = 1024 * 1024;        ///< of routes without a limit of their own; 413
  Ms header_timeout = std::chrono::seconds(10);  ///< from the first byte to the header's end; 408
  Ms body_idle_timeout = std::chrono::seconds(30);   ///< without a byte of the body; 408
  std::uint64_t body_bytes_per_s = 500;              ///< slower than that in all: 408; 0 for any
  Ms body_rate_grace = std::chrono::seconds(10);     ///< time before the rate counts
  Ms write_timeout = std::chrono::seconds(30);       ///< for the client to take one piece (64 KiB)
  Ms keep_alive_timeout = std::chrono::seconds(75);  ///< between two requests
  std::size_t connections = 16384;                   ///< at once; beyond it 503
  Ms event_keep_alive = std::chrono::seconds(15);    ///< a comment in an idle event stream
  std::size_t event_queue = 256 * 1024;              ///< bytes that may wait in one event stream
};

}  // namespace steno::http
