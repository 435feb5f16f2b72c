#include "app/backends.h"

#include <utility>

#include "blob/file/file_store.h"
#include "notify/inotify/inotify_notifier.h"
#include "store/sqlite/sqlite_store.h"

namespace steno::app {
namespace {

/// None where the configuration keeps things for ever.
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

}  // namespace

Result<Backends> open_backends(const Settings& settings,
                               std::function<void(std::string_view, double)> observe) {
  auto folder = make_service_folder(settings.data_dir);
  if (!folder) return tl::unexpected(folder.error());
  Backends backends;
  backends.folder = std::move(*folder);
  backends.clock = std::make_unique<Clock>();

  SqliteOptions sqlite;
  sqlite.observer = std::move(observe);
  auto store = open_sqlite(backends.folder.database(), sqlite);
  if (!store) return tl::unexpected(store.error());
  backends.store = std::move(*store);

  auto blobs = blob::open_file_store(backends.folder.blobs());
  if (!blobs) return tl::unexpected(blobs.error());
  backends.blobs = std::move(*blobs);

  backends.work_notifier = open_inotify_notifier(backends.folder.work_notifications());
  backends.event_notifier = open_inotify_notifier(backends.folder.event_notifications());
  backends.queue =
      make_database_queue(backends.store->jobs(), *backends.work_notifier, *backends.clock);
  backends.lifecycle = std::make_unique<Lifecycle>(*backends.store, *backends.queue,
                                                   *backends.blobs, *backends.event_notifier,
                                                   *backends.clock, job_policy(settings.jobs));
  return backends;
}

}  // namespace steno::app
