#pragma once

#include <filesystem>
#include <memory>

#include "workers/worker_registry.h"

namespace steno {

/// The workers of one machine, as locked files: `<folder>/<name>.lock` holds the description and
/// the report. The kernel releases the lock when the worker's process ends, however it ends, so a
/// dead worker is known at once. The folder is made when the first worker registers.
std::unique_ptr<WorkerRegistry> make_file_lock_registry(const std::filesystem::path& folder);

}  // namespace steno
