#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "store/job_store.h"

namespace steno::service {

/// How fast the queue moves, by the jobs that were completed of late. Thread-safe; blocks.
class QueuePace {
 public:
  explicit QueuePace(JobStore& jobs) : jobs_(jobs) {}

  /// Seconds until a job that `waiting` others go before has ended, about; nothing as long as no
  /// job was completed.
  std::optional<double> seconds_left(std::int64_t waiting);

 private:
  struct Pace {
    std::optional<double> seconds_per_job;
    double at_once = 1;
  };
  Pace current();
  Pace measure();

  JobStore& jobs_;
  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> measured_at_;
  Pace pace_;
};

}  // namespace steno::service
