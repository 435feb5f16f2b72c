#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "http/headers.h"

namespace steno::http {

/// Names requests. Thread-safe.
class RequestIds {
 public:
  RequestIds();

  /// The client's X-Request-Id if it is 1 to 128 visible characters of ASCII, else a new one.
  std::string for_request(const Headers& headers);
  std::string next();

 private:
  std::string prefix_;  // random, so that ids of several servers and starts differ
  std::atomic<std::uint64_t> count_ = 0;
};

}  // namespace steno::http
