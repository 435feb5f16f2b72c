#include "app/backends.h"

#include <utility>

#include "app/service/service_folder.h"
#include "blob/file/file_staging.h"

namespace steno::app {
namespace {

/// None if the configuration keeps data for ever.
JobPolicy job_policy(const JobSettings& settings) {
  JobPolicy policy;
  policy.retry_base = settings.retry_base;
  policy.retry_most = settings.retry_max;
  policy.max_losses = settings.max_losses;
  policy.idempotency = settings.idempotency_ttl;
  policy.ageing = settings.ageing;
  policy.limits.in_all = settings.max_queued;
  policy.limits.per_owner = settings.max_queued_per_key;
  policy.keep_audio = settings.retention_audio;
  policy.keep_results = settings.retention_results;
  return policy;
}

Result<void> open_database(Backends& backends, const Settings& settings, DatabaseObserver observe) {
  const Address address = store_address(settings);
  const StoreScheme& scheme = scheme_of_store(address);
  auto store = scheme.open(address, {std::move(observe), settings.jobs.disk_reserve_bytes});
  if (!store) return tl::unexpected(store.error());
  backends.store = std::move(*store);
  backends.wall_clock = scheme.clock(*backends.store);
  GuardedClockOptions guard;
  guard.limit = settings.jobs.max_clock_jump;
  backends.clock =
      std::make_unique<GuardedClock>(*backends.wall_clock, backends.store->state(),
                                     backends.store->administration().last_write(), guard);
  auto work = scheme.notifier(address, "work");
  if (!work) return tl::unexpected(work.error());
  backends.work_notifier = std::move(*work);
  auto events = scheme.notifier(address, "events");
  if (!events) return tl::unexpected(events.error());
  backends.event_notifier = std::move(*events);
  backends.workers = scheme.workers(address, *backends.store);
  return {};
}

Result<void> open_blobs(Backends& backends, const Settings& settings, const ServiceFolder& folder) {
  const Address address = blobs_address(settings);
  auto blobs = scheme_of_blobs(address).open(address);
  if (!blobs) return tl::unexpected(blobs.error());
  backends.blobs = std::move(*blobs);
  backends.pairing = std::make_unique<Pairing>(*backends.store, *backends.blobs);
  auto staging = blob::open_file_staging(folder.staging());
  if (!staging) return tl::unexpected(staging.error());
  backends.staging = std::move(*staging);
  return {};
}

/// Fails if the configuration names data in the memory of another process.
Result<void> require_shared(const Settings& settings) {
  const auto own = settings_of_one_process(settings);
  if (own.empty()) return {};
  return fail(Errc::unavailable,
              own.front() + " is in the memory of steno serve: no other process can reach it");
}

}  // namespace

Result<Backends> open_service_backends(const Settings& settings, DatabaseObserver observe) {
  const auto folder = make_service_folder(settings.data_dir);
  if (!folder) return tl::unexpected(folder.error());
  Backends backends;
  auto opened = open_database(backends, settings, std::move(observe));
  if (opened) opened = open_blobs(backends, settings, *folder);
  if (!opened) return tl::unexpected(opened.error());

  const Address queue = queue_address(settings);
  backends.queue = scheme_of_queue(queue).open(
      queue, {backends.store->jobs(), *backends.work_notifier, *backends.clock});
  backends.lifecycle = std::make_unique<Lifecycle>(*backends.store, *backends.queue,
                                                   *backends.blobs, *backends.event_notifier,
                                                   *backends.clock, job_policy(settings.jobs));
  return backends;
}

Result<Backends> open_backends(const Settings& settings, DatabaseObserver observe) {
  if (auto shared = require_shared(settings); !shared) return tl::unexpected(shared.error());
  return open_service_backends(settings, std::move(observe));
}

Result<std::unique_ptr<Store>> open_store(const Settings& settings) {
  if (auto shared = require_shared(settings); !shared) return tl::unexpected(shared.error());
  const Address address = store_address(settings);
  return scheme_of_store(address).open(address, {{}, settings.jobs.disk_reserve_bytes});
}

Result<void> require_service_data(const Settings& settings) {
  if (auto shared = require_shared(settings); !shared) return shared;
  const Address address = store_address(settings);
  return scheme_of_store(address).require(address);
}

}  // namespace steno::app
