#pragma once

#include <memory>

#include "base/clock.h"
#include "workers/worker_registry.h"

namespace steno {

class WorkerTable;

/// How rows tell whether their worker lives.
struct RowRegistryOptions {
  Milliseconds ttl{10'000};  ///< a worker without a heartbeat for so long is dead
};

/// The workers of all machines that share a database: a row each, with a heartbeat three times in
/// every `ttl`, from a thread of the registration. Age is measured by the database's clock. bury()
/// also wants to have seen the heartbeat unchanged for half of the ttl by its own steady clock, so
/// that a database clock that jumps ahead ends no living worker; call it repeatedly. A worker that
/// was considered dead registers again with its next heartbeat. `table` outlives the registry and
/// its registrations.
std::unique_ptr<WorkerRegistry> make_row_registry(WorkerTable& table,
                                                  RowRegistryOptions options = {});

}  // namespace steno
