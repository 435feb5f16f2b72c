
#include "store/sqlite/sqlite_store.h"

#include "base/id.h"
#include "store/audit_log.h"
#include "store/job_store.h"
#include "store/key_store.h"
#include "store/sqlite/access.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/database.h"
#include "store/sqlite/job_table.h"
#include "store/sqlite/leader_table.h"
#include "store/sqlite/upload_table.h"
#include "store/sqlite/worker_table.h"
#include "store/store.h"
#include "store/store_error.h"
#include "store/upload_store.h"
#include "store/usage_store.h"

namespace steno {
namespace sqlite {
namespace {

constexpr size_t kSecretBytes = 32;

class SqliteStore : public Store {
 public:
  explicit SqliteStore(std::unique_ptr<Database> database)
      : database_(std::move(database)),
        jobs_(*database_),
        keys_(*database_),
        usage_(*database_),
        audit_(*database_),
        uploads_(*database_),
        workers_(*database_),
        leaders_(*database_) {}

  JobStore& jobs() override { return jobs_; }
  KeyStore& keys() override { return keys_; }
  UsageStore& usage() override { return usage_; }
  AuditLog& audit() override { return audit_; }
  UploadStore& uploads() override { return uploads_; }
  WorkerTable& workers() override { return workers_; }
  LeaderTable& leaders() override { return leaders_; }
  Time now() override { return database_->now(); }
  std::string secret(std::string_view name) override;
  Result<void> backup(const std::filesystem::path& file) override {
    return sqlite::backup(*database_, file);
  }
  bool scrub() override { return database_->empty_log(); }
  Result<void> check() override;

 private:
  std::unique_ptr<Database> database_;
  Jobs jobs_;
  Keys keys_;
  UsageTable usage_;
  Audit audit_;
  Uploads uploads_;
  Workers workers_;
  Leaders leaders_;
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

Result<void> first_complaint(Connection& connection) {
  Query pages(connection, "PRAGMA integrity_check(1)");
  pages.next();
  if (const auto found = pages.get<std::string>(0); found != "ok") {
    return fail(Errc::io, "the database is damaged: " + found);
  }
  Query references(connection, "PRAGMA foreign_key_check");
  if (references.next()) {
    return fail(Errc::io, "the database is damaged: a row of " + references.get<std::string>(0) +
                              " belongs to nothing");
  }
  Query lanes(connection,
              "SELECT count(*) FROM ("
              " SELECT priority, owner, count(*) FROM jobs WHERE state = 'pending' GROUP BY 1, 2"
              " EXCEPT SELECT priority, owner, waiting FROM lanes)");
  lanes.next();
  if (lanes.get<int>(0) != 0) {
    return fail(Errc::io, "the database is damaged: it has miscounted the waiting jobs");
  }
  return {};
}

Result<void> SqliteStore::check() {
  try {
    return database_->read("check", first_complaint);
  } catch (const StoreError& error) {
    return fail(Errc::io, error.what());
  }
}

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Store>> open_sqlite(const std::filesystem::path& file,
                                           const SqliteOptions& options) {
  auto database = sqlite::Database::open(file, options);
  if (!database) return tl::unexpected(database.error());
  return std::make_unique<sqlite::SqliteStore>(std::move(*database));
}

}  // namespace steno
