#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "store/administration.h"
#include "store/audit_log.h"
#include "store/event_log.h"
#include "store/job_store.h"
#include "store/key_store.h"
#include "store/leader_table.h"
#include "store/state_table.h"
#include "store/store_error.h"
#include "store/upload_store.h"
#include "store/usage_store.h"
#include "store/worker_table.h"

// The database of the service: jobs and their events, keys, usage, audit, uploads.
//
//   auto store = open_sqlite("steno.db").value();  // a file, or "" for a database in memory
//   const auto job = store->jobs().find("job_01k3q8n0vt4m9c2x7h5r6w8y1z");
//   for (const Event& event : store->events().events_of(job->id, 0, 100)) print(event);

namespace steno {

/// One database. Each interface is an own class, so that its users depend on nothing else. Every
/// class is thread-safe, its calls block, and they throw StoreError when the database does not
/// answer.
class Store {
 public:
  virtual ~Store() = default;
  virtual JobStore& jobs() = 0;
  virtual EventLog& events() = 0;
  virtual KeyStore& keys() = 0;
  virtual UsageStore& usage() = 0;
  virtual AuditLog& audit() = 0;
  virtual UploadStore& uploads() = 0;
  virtual WorkerTable& workers() = 0;
  virtual LeaderTable& leaders() = 0;
  virtual StateTable& state() = 0;
  /// The database's time, the same for all machines that share it.
  virtual Time now() = 0;
  virtual Administration& administration() = 0;
  /// A secret of this installation of 32 bytes, for example to sign links. Created by the first
  /// call for its name.
  virtual std::string secret(std::string_view name) = 0;
};

}  // namespace steno
