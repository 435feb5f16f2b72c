#pragma once

#include <memory>

#include "app/addresses.h"
#include "app/config/settings.h"
#include "base/clock.h"
#include "base/result.h"
#include "blob/blob.h"
#include "blob/staging.h"
#include "jobs/lifecycle.h"
#include "notify/notifier.h"
#include "queue/queue.h"
#include "store/store.h"
#include "workers/worker_registry.h"

namespace steno::app {

/// What the service stands on, as the configuration chooses it. Each member uses only those above
/// it.
struct Backends {
  std::unique_ptr<Store> store;
  std::unique_ptr<Clock> clock;
  std::unique_ptr<Notifier> work_notifier;
  std::unique_ptr<Notifier> event_notifier;
  std::unique_ptr<WorkerRegistry> workers;
  std::unique_ptr<blob::BlobStore> blobs;
  std::unique_ptr<blob::UploadStaging> staging;
  std::unique_ptr<Queue> queue;
  std::unique_ptr<Lifecycle> lifecycle;
};

/// Opens everything for `steno serve`, and makes what is missing. `observe` hears how long the
/// database took for what; it is called by many threads at once.
Result<Backends> open_service_backends(const Settings& settings, DatabaseObserver observe = {});

/// The same for any other process. Fails with unavailable if the configuration keeps something in
/// the memory of the service's process.
Result<Backends> open_backends(const Settings& settings, DatabaseObserver observe = {});

/// The database alone, for any process but the service. Errors as open_backends().
Result<std::unique_ptr<Store>> open_store(const Settings& settings);

/// Fails with not_found where there is no database yet, so that a command that only reads makes no
/// data folder of a mistyped name; with unavailable as open_backends().
Result<void> require_service_data(const Settings& settings);

}  // namespace steno::app
