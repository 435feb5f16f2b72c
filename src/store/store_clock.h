#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"

namespace steno {

/// How a StoreClock follows the database.
struct StoreClockOptions {
  Milliseconds refresh{30'000};  ///< between two measurements
  /// The steady clock; tests replace it.
  std::function<std::chrono::steady_clock::time_point()> steady = std::chrono::steady_clock::now;
};

/// The database's time, so that all machines that share a database share one clock. Measures the
/// offset to the steady clock at construction and again every `refresh`, on a thread of its own;
/// now() itself never waits for the database.
///
/// Never runs backwards. If the database's clock was set back, this one runs at half the speed
/// until both agree, so that waiting times still end. If a measurement fails, the last offset
/// stays. Thread-safe.
class StoreClock final : public Clock {
 public:
  /// `read` returns the database's time; what it throws at construction is passed on.
  explicit StoreClock(std::function<Time()> read, StoreClockOptions options = {});
  ~StoreClock() override = default;

  Time now() const override;
  /// Measures the offset now. Throws StoreError.
  void refresh();

 private:
  using Steady = std::chrono::steady_clock;

  Time at(Steady::time_point steady) const REQUIRES(mutex_);

  const std::function<Time()> read_;
  const StoreClockOptions options_;
  mutable Mutex mutex_;
  Time base_ GUARDED_BY(mutex_);  ///< what now() was at `since_`
  Steady::time_point since_ GUARDED_BY(mutex_){};
  Milliseconds ahead_ GUARDED_BY(mutex_){
      0};  ///< of the database at `since_`; runs off at half the speed
  std::jthread thread_;
};

}  // namespace steno
