#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/job_store.h"
#include "telemetry/metrics.h"
#include "worker/supervisor.h"
#include "workers/worker_registry.h"

namespace steno::app {

/// What the service knows of its workers: its own processes, or, where it has none (`count` is 0),
/// all that are registered. Thread-safe; blocks.
class WorkerWatch {
 public:
  /// `registry` and `jobs` outlive it.
  WorkerWatch(int count, WorkerRegistry& registry, JobStore& jobs);

  /// Uses the processes of `supervisor` from now on, which outlives all later calls.
  void supervise(const Supervisor& supervisor) { supervisor_ = &supervisor; }

  /// Unavailable when no worker runs, or all are silent.
  Result<void> look() const;
  /// Throws StoreError.
  WorkerCounts counts() const;
  /// The models that workers have in memory, as far as they have reported.
  std::vector<LoadedModel> models() const;
  /// The database calls that workers have reported since the last call of this.
  std::vector<AllCallTimes> new_database_calls();

 private:
  std::vector<RegisteredWorker> living() const;

  const int count_;
  WorkerRegistry& registry_;
  JobStore& jobs_;
  std::atomic<const Supervisor*> supervisor_ = nullptr;
  std::mutex mutex_;
  std::map<std::string, AllCallTimes> known_calls_;  // by worker
};

}  // namespace steno::app
