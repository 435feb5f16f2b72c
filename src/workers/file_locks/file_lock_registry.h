#pragma once

#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "workers/worker_registry.h"

namespace steno {

/// How locked files tell whether their worker is silent.
struct FileLockRegistryOptions {
  Milliseconds heartbeat{1000};
  Milliseconds silent_after{10'000};  ///< without a heartbeat
};

/// The workers of one machine, as locked files: `<folder>/<name>.lock` holds the description, the
/// time of the last heartbeat by the machine's steady clock, and the report. The kernel releases
/// the lock when the worker's process ends, however it ends, so a dead worker is known at once. A
/// thread of the registration sends the heartbeats, so a stopped process is known as silent. The
/// folder is made when the first worker registers.
std::unique_ptr<WorkerRegistry> make_file_lock_registry(const std::filesystem::path& folder,
                                                        FileLockRegistryOptions options = {});

}  // namespace steno
