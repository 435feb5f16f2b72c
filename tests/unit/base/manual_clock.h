#pragma once

#include <atomic>

#include "base/clock.h"

namespace steno {

/// A wall clock that a test advances. Thread-safe.
class ManualClock : public Clock {
 public:
  Time now() const override { return Time(Milliseconds(milliseconds_)); }
  void advance(Milliseconds by) { milliseconds_ += by.count(); }

 private:
  std::atomic<int64_t> milliseconds_{1'790'000'000'000};  // in September 2026
};

}  // namespace steno
