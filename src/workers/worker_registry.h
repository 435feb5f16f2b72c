#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace steno {

/// What a worker is and can do.
struct WorkerDescription {
  std::string name;                 ///< different from every other worker's
  std::vector<std::string> models;  ///< names of the installed models
  std::string device;               ///< "cpu", "cuda"
  int capacity = 1;                 ///< jobs at once

  bool operator==(const WorkerDescription&) const = default;
};

/// As one line of JSON without a newline.
std::string to_line(const WorkerDescription& description);
/// Reads such a line. A line that cannot be read gives a description with the name alone.
WorkerDescription parse_description(std::string_view name, std::string_view line);

/// A name that no other worker has or had: "worker-" and random characters.
std::string new_worker_name();

/// A worker's entry in the registry. Keeps the worker registered and sends its heartbeats while it
/// lives; destroying it removes the entry. Thread-safe.
class WorkerRegistration {
 public:
  virtual ~WorkerRegistration() = default;
  /// Replaces the text that the worker reports about itself. Throws std::system_error or
  /// StoreError.
  virtual void report(const std::string& text) = 0;
};

/// What the registry knows of a worker's process.
enum class WorkerState {
  alive,   ///< it runs and sends heartbeats
  silent,  ///< it runs and sends no heartbeats: it is stopped or hangs. It may continue
  dead,    ///< it has ended
};

/// A worker as the registry knows it.
struct RegisteredWorker {
  WorkerDescription description;
  WorkerState state = WorkerState::dead;
  std::string report;  ///< the last one; may be cut off while the worker writes
};

/// The workers that run, and those that died and whose jobs have not been released yet.
///
///     const auto registration = registry.add({.name = name, .capacity = 16});  // in the worker
///     for (const RegisteredWorker& worker : registry.list()) …                 // anywhere
///     registry.bury(name, [&] { lifecycle.lost_worker(name); });               // in housekeeping
///
/// Thread-safe; several processes use one at once. Throws StoreError or std::runtime_error when it
/// cannot be reached. Every implementation passes tests/unit/workers/registry_contract.
class WorkerRegistry {
 public:
  virtual ~WorkerRegistry() = default;
  /// Registers a worker of this process. Takes the place of a dead worker of the same name; the
  /// caller then releases that worker's jobs. Fails with conflict if a worker of the name lives, or
  /// is being buried.
  virtual Result<std::unique_ptr<WorkerRegistration>> add(const WorkerDescription& description) = 0;
  /// All workers, living and dead, by name.
  virtual std::vector<RegisteredWorker> list() = 0;
  /// Calls `release` for a dead worker and then removes it. No worker can take the name meanwhile.
  /// Of several callers one calls `release`; if it throws, the worker stays dead and the exception
  /// is passed on. False, and nothing is done, if the worker lives, is unknown or is being buried.
  virtual bool bury(const std::string& name, const std::function<void()>& release) = 0;
};

/// Names of the workers that are alive, or that are dead.
std::vector<std::string> living_workers(WorkerRegistry& registry);
std::vector<std::string> dead_workers(WorkerRegistry& registry);

}  // namespace steno
