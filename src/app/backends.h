#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "app/config/settings.h"
#include "app/service/service_folder.h"
#include "base/clock.h"
#include "base/result.h"
#include "blob/blob.h"
#include "jobs/lifecycle.h"
#include "notify/notifier.h"
#include "queue/queue.h"
#include "store/store.h"

namespace steno::app {

/// What the service stands on, as the configuration chooses it. The members are in the order in
/// which they stand on each other.
struct Backends {
  ServiceFolder folder;
  std::unique_ptr<Clock> clock;
  std::unique_ptr<Store> store;
  std::unique_ptr<Notifier> work_notifier;
  std::unique_ptr<Notifier> event_notifier;
  std::unique_ptr<blob::BlobStore> blobs;
  std::unique_ptr<Queue> queue;
  std::unique_ptr<Lifecycle> lifecycle;
};

/// Opens everything: the only place that names backends. `observe` hears how long the database
/// took for what.
Result<Backends> open_backends(
    const Settings& settings,
    std::function<void(std::string_view operation, double seconds)> observe = {});

}  // namespace steno::app
