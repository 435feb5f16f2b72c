
#include "store/sqlite/sqlite_store.h"

#include "base/id.h"
#include "store/sqlite/access.h"
#include "store/sqlite/administration.h"
#include "store/sqlite/database.h"
#include "store/sqlite/event_table.h"
#include "store/sqlite/job_table.h"
#include "store/sqlite/leader_table.h"
#include "store/sqlite/restore.h"
#include "store/sqlite/state_rows.h"
#include "store/sqlite/upload_table.h"
#include "store/sqlite/worker_table.h"
#include "store/store.h"

namespace steno {
namespace sqlite {
namespace {

constexpr size_t kSecretBytes = 32;

class SqliteStore : public Store {
 public:
  explicit SqliteStore(std::unique_ptr<Database> database)
      : database_(std::move(database)),
        jobs_(*database_),
        events_(*database_),
        keys_(*database_),
        usage_(*database_),
        audit_(*database_),
        uploads_(*database_),
        workers_(*database_),
        leaders_(*database_),
        state_(*database_),
        administration_(*database_) {}

  JobStore& jobs() override { return jobs_; }
  EventLog& events() override { return events_; }
  KeyStore& keys() override { return keys_; }
  UsageStore& usage() override { return usage_; }
  AuditLog& audit() override { return audit_; }
  UploadStore& uploads() override { return uploads_; }
  WorkerTable& workers() override { return workers_; }
  LeaderTable& leaders() override { return leaders_; }
  StateTable& state() override { return state_; }
  Time now() override { return database_->now(); }
  Administration& administration() override { return administration_; }
  std::string secret(std::string_view name) override;

 private:
  std::unique_ptr<Database> database_;
  Jobs jobs_;
  EventTable events_;
  Keys keys_;
  UsageTable usage_;
  Audit audit_;
  Uploads uploads_;
  Workers workers_;
  Leaders leaders_;
  StateRows state_;
  SqliteAdministration administration_;
};

std::string SqliteStore::secret(std::string_view name) {
  return database_->write("secret", [&](Connection& connection) {
    Query(connection, "INSERT INTO secrets VALUES (?, ?) ON CONFLICT DO NOTHING", name,
          Blob{random_bytes(kSecretBytes)})
        .run();
    Query query(connection, "SELECT value FROM secrets WHERE name = ?", name);
    query.next();
    return query.get<std::string>(0);
  });
}

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Store>> open_sqlite(const std::filesystem::path& file,
                                           const SqliteOptions& options) {
  auto database = sqlite::Database::open(file, options);
  if (!database) return tl::unexpected(database.error());
  return std::make_unique<sqlite::SqliteStore>(std::move(*database));
}

Result<std::filesystem::path> restore_sqlite(const std::filesystem::path& file,
                                             const std::filesystem::path& from) {
  return sqlite::restore(file, from);
}

}  // namespace steno
