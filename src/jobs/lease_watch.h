#pragma once

#include <chrono>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "domain/job.h"

namespace steno {

/// Finds jobs whose worker sends no heartbeats. A lease has lapsed if the job's `heartbeats` has
/// not changed for the length of the lease. Time is measured by the observer's monotonic clock, so
/// no wall clock of any machine matters. Not thread-safe.
class LeaseWatch {
 public:
  using Steady = std::chrono::steady_clock;

  explicit LeaseWatch(Milliseconds lease) : lease_(lease) {}

  /// Begins a round over all processing jobs. Jobs of the previous round that are not checked in
  /// this one are forgotten. A gap between rounds (no database, or a suspended machine) counts as
  /// at most a quarter of a lease, because the workers could not write during it either.
  void look(Steady::time_point now);
  /// Whether the job's lease has lapsed.
  bool has_lapsed(const Job& job);

 private:
  struct Sight {
    int64_t fence = 0;
    int64_t heartbeats = 0;
    Steady::duration since{0};  ///< in observed time
    int64_t look = 0;
  };

  Milliseconds lease_;
  Steady::duration watched_{0};
  Steady::time_point last_{};
  int64_t looks_ = 0;
  std::unordered_map<std::string, Sight> sights_;
};

}  // namespace steno
