#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/audit_log.h"
#include "store/job_store.h"
#include "store/key_store.h"
#include "store/leader_table.h"
#include "store/store_error.h"
#include "store/upload_store.h"
#include "store/usage_store.h"
#include "store/worker_table.h"

// What the service remembers: jobs and their events, keys, usage, audit, uploads. Every class here
// is thread-safe, its calls block, and they throw StoreError when the database does not answer.

namespace steno {

class JobStore;
class KeyStore;
class UsageStore;
class AuditLog;
class UploadStore;
class WorkerTable;
class LeaderTable;

/// One database with all of it.
class Store {
 public:
  virtual ~Store() = default;
  virtual JobStore& jobs() = 0;
  virtual KeyStore& keys() = 0;
  virtual UsageStore& usage() = 0;
  virtual AuditLog& audit() = 0;
  virtual UploadStore& uploads() = 0;
  virtual WorkerTable& workers() = 0;
  virtual LeaderTable& leaders() = 0;
  /// The database's time, the same for all machines that share it.
  virtual Time now() = 0;
  /// A secret of this installation (for signing links), made when first asked for: 32 bytes.
  virtual std::string secret(std::string_view name) = 0;
  /// A consistent copy into a file that must not exist, while the service runs.
  virtual Result<void> backup(const std::filesystem::path& file) = 0;
  /// Takes what has been erased out of the database's files, its log too. False while somebody else
  /// reads or writes for long: then it is to be asked again.
  virtual bool scrub() = 0;
  /// Nothing, or what is wrong with the database.
  virtual Result<void> check() = 0;
};

}  // namespace steno
