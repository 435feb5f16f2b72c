#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/mutex.h"
#include "store/job_store.h"

namespace steno::service {

/// Estimates waiting times from the jobs that were completed last. Thread-safe; blocks.
class QueuePace {
 public:
  explicit QueuePace(JobStore& jobs) : jobs_(jobs) {}

  /// An estimate of the seconds until a job ends that has `waiting` jobs before it. Nothing before
  /// the first job has been completed.
  std::optional<double> seconds_left(std::int64_t waiting);

 private:
  struct Pace {
    std::optional<double> seconds_per_job;
    double at_once = 1;
  };
  Pace current();
  Pace measure();

  JobStore& jobs_;
  Mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> measured_at_ GUARDED_BY(mutex_);
  Pace pace_ GUARDED_BY(mutex_);
};

}  // namespace steno::service
