#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "http/headers.h"

namespace steno::http {

/// Assigns request ids. Thread-safe.
class RequestIds {
 public:
  RequestIds();

  /// The client's X-Request-Id if it has 1 to 128 visible ASCII characters, otherwise a new id.
  std::string for_request(const Headers& headers);
  std::string next();

 private:
  std::string prefix_;  // random, so that ids differ between servers and restarts
  std::atomic<std::uint64_t> count_ = 0;
};

}  // namespace steno::http
