#include "app/backends.h"

#include <utility>

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
  auto store = scheme.open(address, std::move(observe));
  if (!store) return tl::unexpected(store.error());
  backends.store = std::move(*store);
  backends.clock = scheme.clock(*backends.store);
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
  auto staging = blob::open_file_staging(folder.staging());
  if (!staging) return tl::unexpected(staging.error());
  backends.staging = std::move(*staging);
  return {};
}

/// "store.url = sqlite:/srv/steno.db", or only the path where the setting is empty.
std::string name_of(const char* setting, const AddressSettings& given, const Address& address) {
  return given.url.empty() ? address.place : std::string(setting) + " = " + address.text();
}

Result<bool> has_content(blob::BlobStore& blobs) {
  bool found = false;
  for (const char* prefix : {"audio/", "results/"}) {
    const auto listed = blobs.list(prefix, [&found](const blob::BlobInfo&) { found = true; });
    if (!listed) return tl::unexpected(listed.error());
  }
  return found;
}

/// Fails if the configuration names data in the memory of another process.
Result<void> require_shared(const Settings& settings) {
  const auto own = settings_of_one_process(settings);
  if (own.empty()) return {};
  return fail(Errc::unavailable,
              own.front() + " is in the memory of steno serve: no other process can reach it");
}

}  // namespace

std::vector<Place> look_at_places(const Settings& settings) {
  const std::filesystem::path root = std::filesystem::absolute(settings.data_dir);
  std::vector<Place> places = {{"data folder", root.string(), look_at_folder_with_parents(root)}};
  const bool has_root = places.front().state.exists && places.front().state.complaint.empty();
  const auto inside = (root / "x").lexically_normal().parent_path();
  const auto add = [&](const char* subject, std::string name, const Address& address,
                       const auto& scheme) {
    const bool is_inside = std::filesystem::path(address.place).parent_path() == inside;
    if (scheme.reach == Reach::process || (is_inside && !has_root)) return;
    places.push_back({subject, std::move(name), scheme.look(address)});
  };
  const Address store = store_address(settings);
  const Address blobs = blobs_address(settings);
  add("database", name_of("store.url", settings.store, store), store, scheme_of_store(store));
  add("audio and results", name_of("blobs.url", settings.blobs, blobs), blobs,
      scheme_of_blobs(blobs));
  return places;
}

Result<void> require_database_of_blobs(const Settings& settings) {
  const Address store = store_address(settings);
  const Address address = blobs_address(settings);
  const StoreScheme& scheme = scheme_of_store(store);
  if (scheme.look(store).exists || !scheme_of_blobs(address).look(address).exists) return {};
  const auto blobs = scheme_of_blobs(address).open(address);
  if (!blobs) return tl::unexpected(blobs.error());
  const auto found = has_content(**blobs);
  if (!found) return tl::unexpected(found.error());
  // Another service may have made both meanwhile.
  if (!*found || scheme.look(store).exists) return {};
  return fail(Errc::conflict,
              "there is no database " + store.place + ", but " + address.place +
                  " holds recordings or results: restore a backup of the database, correct "
                  "store.url or data_dir, or move that folder away to begin anew");
}

Result<ServiceFolder> prepare_service_data(const Settings& settings) {
  std::string complaints;
  for (const Place& place : look_at_places(settings)) {
    if (place.state.complaint.empty()) continue;
    complaints += (complaints.empty() ? "" : "\n") + place.subject + ", " + place.name + ": " +
                  place.state.complaint;
  }
  if (!complaints.empty()) return fail(Errc::io, complaints);
  if (auto known = require_database_of_blobs(settings); !known) {
    return tl::unexpected(known.error());
  }
  return make_service_folder(settings.data_dir);
}

Result<Backends> open_service_backends(const Settings& settings, BackendObservers observers) {
  const auto folder = prepare_service_data(settings);
  if (!folder) return tl::unexpected(folder.error());
  Backends backends;
  auto opened = open_database(backends, settings, std::move(observers.database));
  if (opened) opened = open_blobs(backends, settings, *folder);
  if (!opened) return tl::unexpected(opened.error());

  const Address queue = queue_address(settings);
  backends.queue = scheme_of_queue(queue).open(
      queue, {backends.store->jobs(), *backends.work_notifier, *backends.clock});
  backends.lifecycle = std::make_unique<Lifecycle>(
      *backends.store, *backends.queue, *backends.blobs, *backends.event_notifier, *backends.clock,
      job_policy(settings.jobs), std::move(observers.failure));
  return backends;
}

Result<Backends> open_backends(const Settings& settings, BackendObservers observers) {
  if (auto shared = require_shared(settings); !shared) return tl::unexpected(shared.error());
  return open_service_backends(settings, std::move(observers));
}

Result<OpenedStore> open_store(const Settings& settings) {
  if (auto shared = require_shared(settings); !shared) return tl::unexpected(shared.error());
  const Address address = store_address(settings);
  const StoreScheme& scheme = scheme_of_store(address);
  auto store = scheme.open(address, {});
  if (!store) return tl::unexpected(store.error());
  auto clock = scheme.clock(**store);
  return OpenedStore{std::move(*store), std::move(clock)};
}

Result<void> require_service_data(const Settings& settings) {
  if (auto shared = require_shared(settings); !shared) return shared;
  const Address address = store_address(settings);
  if (scheme_of_store(address).look(address).exists) return {};
  const bool is_usual = settings.store.url.empty();
  const std::string place =
      is_usual ? std::filesystem::absolute(settings.data_dir).string() : address.text();
  return fail(Errc::not_found, place + ": no steno service has its data here; correct " +
                                   (is_usual ? "data_dir" : "store.url") +
                                   ", or start steno serve, which makes it");
}

}  // namespace steno::app
