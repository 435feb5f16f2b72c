#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/addresses.h"
#include "app/config/settings.h"
#include "app/service/service_folder.h"
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

/// The backends of the service, as configured. Each member uses only those above it.
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

/// Receives what the backends report. Called by many threads at once.
struct BackendObservers {
  DatabaseObserver database{};  ///< the duration of each database call
  OnFailure failure{};          ///< see Lifecycle
};

/// A place where the settings let the service keep data.
struct Place {
  std::string subject;  ///< "data folder", "database", "audio and results"
  std::string name;     ///< the setting with its address, or the path of a default
  PlaceState state;
};

/// The data folder and the places of the addresses; those in a data folder that does not exist or
/// cannot be used, and those in memory, are left out.
std::vector<Place> look_at_places(const Settings& settings);

/// Fails if there is no database, but audio or results: they belong to another database, and the
/// removal of orphans would delete them.
Result<void> require_database_of_blobs(const Settings& settings);

/// Makes the data folder of `steno serve`. Fails before that, with a line for each problem and its
/// next step, if the places of the settings cannot be used or made.
Result<ServiceFolder> prepare_service_data(const Settings& settings);

/// Opens everything for `steno serve`, and creates what is missing. Errors as
/// prepare_service_data(), and those of the backends.
Result<Backends> open_service_backends(const Settings& settings, BackendObservers observers = {});

/// As open_service_backends(), for other processes. Fails with unavailable if the configuration
/// keeps data in the memory of the service's process.
Result<Backends> open_backends(const Settings& settings, BackendObservers observers = {});

/// A store with its clock.
struct OpenedStore {
  std::unique_ptr<Store> store;
  std::unique_ptr<Clock> clock;
};

/// Opens only the database, for processes other than the service. Makes no folder. Errors as
/// open_backends().
Result<OpenedStore> open_store(const Settings& settings);

/// Fails with not_found if there is no database, so that a command for an existing service does not
/// create data for a mistyped name. Fails with unavailable as open_backends().
Result<void> require_service_data(const Settings& settings);

}  // namespace steno::app
