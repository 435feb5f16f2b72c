#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"

namespace steno {

/// How worker processes are started and restarted.
struct SupervisorOptions {
  int workers = 1;
  /// The command line of the worker with that name: the program's path and its arguments.
  std::function<std::vector<std::string>(const std::string& name)> command;
  /// Called at once when a worker process has ended for any reason, from a thread of the
  /// supervisor. Must not throw. `how` is "exit status 1" or "signal 9".
  std::function<void(const std::string& name, const std::string& how)> on_end;
  /// Wait before a worker that ended sooner than `healthy` is restarted; doubles each time.
  Milliseconds first_wait{100};
  Milliseconds longest_wait{30'000};
  Milliseconds healthy{10'000};
};

/// A running worker process.
struct WorkerProcess {
  std::string name;  ///< of this process only; its successor gets another name
  pid_t pid = 0;
};

/// Starts worker processes and restarts those that end. They end with this process, even if it is
/// killed. Thread-safe. Handles no signals and does not change the signal mask of its callers.
class Supervisor {
 public:
  explicit Supervisor(const SupervisorOptions& options);
  /// Calls stop() without a grace period.
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Sends SIGTERM to all workers, and SIGKILL after `grace`. Returns when all have ended. A second
  /// call can shorten the grace period.
  void stop(Milliseconds grace);
  std::vector<WorkerProcess> running() const;

 private:
  class Place;

  std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace steno
