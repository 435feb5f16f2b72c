#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace steno {

/// Waits until `is_so` returns true. Returns false after half a minute.
inline bool until(const std::function<bool()>& is_so) {
  using namespace std::chrono_literals;
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

}  // namespace steno
