#pragma once

#include <memory>

#include "app/addresses.h"
#include "app/config/settings.h"
#include "base/clock.h"
#include "base/result.h"
#include "blob/blob.h"
#include "blob/staging.h"
#include "jobs/lifecycle.h"
#include "jobs/pairing.h"
#include "notify/notifier.h"
#include "queue/queue.h"
#include "store/guarded_clock.h"
#include "store/store.h"
#include "workers/worker_registry.h"

namespace steno::app {

/// The backends of the service, as configured. Each member uses only those above it.
struct Backends {
  std::unique_ptr<Store> store;
  std::unique_ptr<Clock> wall_clock;
  std::unique_ptr<GuardedClock> clock;
  std::unique_ptr<Notifier> work_notifier;
  std::unique_ptr<Notifier> event_notifier;
  std::unique_ptr<WorkerRegistry> workers;
  std::unique_ptr<blob::BlobStore> blobs;
  std::unique_ptr<Pairing> pairing;
  std::unique_ptr<blob::UploadStaging> staging;
  std::unique_ptr<Queue> queue;
  std::unique_ptr<Lifecycle> lifecycle;
};

/// Opens everything for `steno serve`, and creates what is missing. `observe` receives the duration
/// of each database call, from many threads at once.
Result<Backends> open_service_backends(const Settings& settings, DatabaseObserver observe = {});

/// As open_service_backends(), for other processes. Fails with unavailable if the configuration
/// keeps data in the memory of the service's process.
Result<Backends> open_backends(const Settings& settings, DatabaseObserver observe = {});

/// Opens only the database, for processes other than the service. Errors as open_backends().
Result<std::unique_ptr<Store>> open_store(const Settings& settings);

/// Fails with not_found if there is no database, so that a command that only reads does not create
/// a data folder for a mistyped name. Fails with unavailable as open_backends().
Result<void> require_service_data(const Settings& settings);

}  // namespace steno::app
