#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"
#include "store/state_table.h"

namespace steno {

/// How a GuardedClock judges a jump.
struct GuardedClockOptions {
  /// A larger difference between the wall clock and the time that is due is a jump.
  Milliseconds limit{10'800'000};
  /// A jump that lasts so long, measured by the steady clock, is accepted.
  Milliseconds patience{86'400'000};
  Milliseconds refresh{30'000};  ///< between two looks at the clock and at the stored time
  /// The steady clock; tests replace it.
  std::function<std::chrono::steady_clock::time_point()> steady = std::chrono::steady_clock::now;
};

/// A jump of the wall clock that has not been accepted yet.
struct ClockJump {
  Milliseconds by{0};    ///< negative: backwards
  Milliseconds left{0};  ///< until the jump is accepted
};

/// A wall clock that is not believed when it jumps.
///
/// Problem: a wrong clock, or a machine that was off for weeks, makes everything that is kept for a
/// time look old at once. Retention would delete it before anybody can correct the clock.
/// Idea: the store remembers the last time that was believed, and the steady clock says which time
/// is due. While the wall clock is further from it than `limit`, trusted_now() is the earlier of
/// the two, so that no data expires because of the jump. now() stays the wall clock after a jump
/// forwards, and goes on at the steady rate after one backwards, so that new data does not look old
/// when the clock is corrected. A jump is accepted when it has lasted for `patience`, or by
/// accept().
///
/// One process of the store calls remember() at intervals; the others only read. Thread-safe.
class GuardedClock final : public Clock {
 public:
  /// Continues the stored time. Without one it starts at `last_write`, or at the wall clock. Both
  /// references outlive it. Throws StoreError.
  GuardedClock(const Clock& wall, StateTable& state, std::optional<Time> last_write,
               GuardedClockOptions options = {});
  ~GuardedClock() override = default;

  Time now() const override;
  Time trusted_now() const override;
  /// Nothing while the clock is believed.
  std::optional<ClockJump> jump() const;
  /// Looks at the clock, and stores the time that is believed. Throws StoreError.
  void remember();
  /// Believes the wall clock from now on, in all processes of the store within `refresh`. Throws
  /// StoreError.
  void accept();

 private:
  using Steady = std::chrono::steady_clock;

  /// Looks at the clock. Believes it if the stored time shows that another process does.
  void look(const std::optional<std::string>& text);
  std::string stored_text() const;
  Time due(Steady::time_point steady) const REQUIRES(mutex_);
  bool is_believed(Time wall, Time due) const;
  void believe(Time wall) REQUIRES(mutex_);

  const Clock& wall_;
  StateTable& state_;
  const GuardedClockOptions options_;
  mutable Mutex mutex_;
  Time believed_ GUARDED_BY(mutex_);  ///< the time that was due at `since_`
  Steady::time_point since_ GUARDED_BY(mutex_);
  Milliseconds held_ GUARDED_BY(mutex_){0};  ///< how long the present jump had lasted at `since_`
  std::jthread thread_;
};

/// The jump in words, for an operator, with what to do.
std::string describe(const ClockJump& jump, Time now);

}  // namespace steno
