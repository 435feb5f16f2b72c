#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/job_store.h"
#include "telemetry/metrics.h"
#include "worker/supervisor.h"

namespace steno::app {

/// What the service knows of its workers: its own processes, or, where it has none (`count` is 0),
/// those that somebody else has started on this machine. Thread-safe; blocks.
class WorkerWatch {
 public:
  /// `folder` is that of ProofOfLife.
  WorkerWatch(int count, std::filesystem::path folder, JobStore& jobs);

  /// The own processes, from now on; the supervisor outlives all calls that follow.
  void supervise(const Supervisor& supervisor) { supervisor_ = &supervisor; }

  /// Unavailable when no worker runs.
  Result<void> look() const;
  /// Throws StoreError.
  WorkerCounts counts() const;
  /// What models they have in memory, as far as they have said so.
  std::vector<LoadedModel> models() const;
  /// What they have said of calls to the database since the last call of this.
  std::vector<AllCallTimes> new_database_calls();

 private:
  std::vector<std::string> living() const;

  const int count_;
  const std::filesystem::path folder_;
  JobStore& jobs_;
  std::atomic<const Supervisor*> supervisor_ = nullptr;
  std::mutex mutex_;
  std::map<std::string, AllCallTimes> known_calls_;  // by worker
};

}  // namespace steno::app
