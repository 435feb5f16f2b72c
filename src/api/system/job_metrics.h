#pragma once

#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "domain/event.h"
#include "domain/job.h"
#include "store/job_store.h"
#include "telemetry/metrics.h"

namespace steno::api {

/// Counts from the events of all jobs how they end and how long their stages take. An observer of
/// EventHub; not thread-safe.
class JobMetrics {
 public:
  JobMetrics(JobStore& jobs, Metrics& metrics) : jobs_(jobs), metrics_(metrics) {}

  /// Reads the job when it has ended. Throws StoreError before anything is counted.
  void on_event(const Event& event);

 private:
  struct Stage {
    std::string name;
    Time since;
  };

  void enter_stage(const Event& event);
  void leave_stage(const Event& event);
  void count_end(const Event& event);

  JobStore& jobs_;
  Metrics& metrics_;
  std::unordered_map<std::string, Stage> stages_;  ///< by job, of running jobs
};

}  // namespace steno::api
