#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "app/backends.h"
#include "app/environment.h"
#include "base/result.h"

namespace steno {
class CallTimer;
namespace sandbox {
class Sandbox;
}
class Log;
}  // namespace steno

namespace steno::app {

/// What a worker needs besides its settings; all of it outlives the worker.
struct WorkerRunParts {
  const Settings& settings;
  const Environment& environment;
  const sandbox::Sandbox& sandbox;  ///< runs decode::decode_in_child()
  Backends& backends;
  const CallTimer& database;  ///< calls that the worker reports for the service's metrics
  Log& log;
};

/// One worker with its models: registered, warmed and claiming jobs. `steno worker` runs one, and
/// `steno serve` runs them as threads where the backends are in its memory.
class WorkerRun {
 public:
  /// Registers the worker under `name` and releases the jobs of a dead one of that name; loads the
  /// models that are to be warm, unless `stop` is requested. Errors: those of the registry;
  /// not_found without the voice detection model; unavailable, if the settings require a sandbox
  /// that the kernel does not have. Throws StoreError.
  static Result<std::unique_ptr<WorkerRun>> start(WorkerRunParts parts, const std::string& name,
                                                  const std::stop_token& stop);
  /// Gives unfinished jobs back.
  ~WorkerRun();
  WorkerRun(const WorkerRun&) = delete;
  WorkerRun& operator=(const WorkerRun&) = delete;

  /// Works until `stop` is requested, then lets running jobs end for the grace period of the
  /// settings. Ends early, with false, when the helper process of the sandbox has died: only a new
  /// process can have another one.
  [[nodiscard]] bool run(const std::stop_token& stop);

 private:
  struct State;

  explicit WorkerRun(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace steno::app
