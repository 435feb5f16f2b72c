#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"

namespace steno {

/// How the worker processes are kept.
struct SupervisorOptions {
  int workers = 1;
  /// The command line of the worker of that name: the program's path, then its arguments.
  std::function<std::vector<std::string>(const std::string& name)> command;
  /// The worker is gone, whatever the reason: nothing of it runs any more. Called at once, from a
  /// thread of the supervisor; must not throw. `how`: "exit status 1", "signal 9".
  std::function<void(const std::string& name, const std::string& how)> on_end;
  /// Before a worker that ended sooner than `healthy` is started again; doubles each time.
  Milliseconds first_wait{100};
  Milliseconds longest_wait{30'000};
  Milliseconds healthy{10'000};
};

/// A worker process that runs.
struct WorkerProcess {
  std::string name;  ///< of this process alone: the one that follows it has another
  pid_t pid = 0;
};

/// Starts worker processes and starts each again that ends. They end with this process, even if it
/// is killed. Thread-safe. Handles no signals and leaves the mask of its callers alone.
class Supervisor {
 public:
  explicit Supervisor(const SupervisorOptions& options);
  /// stop() without a grace.
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Sends SIGTERM to all, after `grace` SIGKILL to those that still run, and returns when all are
  /// gone. A second call can make the grace shorter.
  void stop(Milliseconds grace);
  std::vector<WorkerProcess> running() const;

 private:
  class Place;

  std::vector<std::unique_ptr<Place>> places_;
};

}  // namespace steno
