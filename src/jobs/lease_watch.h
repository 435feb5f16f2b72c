#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "domain/job.h"

namespace steno {

/// Finds the jobs whose worker gives no sign: a lease has lapsed when the job's `heartbeats` was
/// seen unchanged for the whole of it. Measured by the steady clock of who looks, so that no wall
/// clock, of this machine or another, has a part in it. Not thread-safe.
class LeaseWatch {
 public:
  using Steady = std::chrono::steady_clock;

  explicit LeaseWatch(Milliseconds lease) : lease_(lease) {}

  /// Begins a look at all processing jobs; the last one's jobs that it does not ask about are
  /// forgotten. Time in which nobody looked (a database that did not answer, a machine asleep)
  /// counts as a quarter of a lease at most: in it the workers could not write either.
  void look(Steady::time_point now);
  /// Whether the job's lease has lapsed.
  bool has_lapsed(const Job& job);

 private:
  struct Sight {
    int64_t fence = 0;
    int64_t heartbeats = 0;
    Steady::duration since{0};  ///< in watched time
    int64_t look = 0;
  };

  Milliseconds lease_;
  Steady::duration watched_{0};
  Steady::time_point last_{};
  int64_t looks_ = 0;
  std::unordered_map<std::string, Sight> sights_;
};

}  // namespace steno
