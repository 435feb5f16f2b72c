#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/mutex.h"
#include "store/leader_table.h"

namespace steno {

/// One process's candidacy for duties that one process at a time must do.
///
/// Problem: retention, orphans, expiry and reaping must not run in two processes of one store, and
/// must go on when the process that runs them dies.
/// Idea: a lock in the database with a time to live. The leader renews it; if it stops, another
/// process takes the lock after at most `ttl`. The leader measures its own time by the steady clock
/// from before the call that renewed, so it stops at the latest when the lock ends, also after a
/// pause. Long duties ask leads() before each step. A step that is already under way when the lock
/// ends must be safe to repeat: changes of jobs are, because each names the version it changes.
///
/// Thread-safe.
class Leader {
 public:
  using Steady = std::chrono::steady_clock;

  /// `table` outlives it. `lock` names the duties. `now` is the steady clock; tests replace it.
  Leader(LeaderTable& table, std::string lock, Milliseconds ttl,
         std::function<Steady::time_point()> now = Steady::now);
  /// Gives up the lock, so that another process takes over at once.
  ~Leader();
  Leader(const Leader&) = delete;
  Leader& operator=(const Leader&) = delete;

  /// Takes or renews the lock. True if this process leads now. Throws StoreError; what leads() says
  /// then stays as it was.
  bool renew();
  /// Whether this process leads: the lock cannot have ended. Renews it first if a third of its time
  /// is over. Does not throw: without the database it is true until the lock ends.
  bool leads();
  /// The number of this process's last term; 0 if it never led.
  int64_t term() const;

 private:
  bool is_within(Steady::time_point now) const REQUIRES(mutex_) { return now < until_; }

  LeaderTable& table_;
  const std::string lock_;
  const std::string holder_;
  const Milliseconds ttl_;
  const std::function<Steady::time_point()> now_;
  mutable Mutex mutex_;
  Steady::time_point renewed_ GUARDED_BY(mutex_){};
  Steady::time_point until_ GUARDED_BY(mutex_){};
  int64_t term_ GUARDED_BY(mutex_) = 0;
};

}  // namespace steno
