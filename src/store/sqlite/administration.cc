#include "store/sqlite/administration.h"

#include "store/sqlite/backup.h"

namespace steno::sqlite {
namespace {

tl::unexpected<Error> damaged(const std::string& how) {
  return fail(Errc::io, "is damaged: " + how +
                            "; stop the service, keep a copy of the file, and restore a backup");
}

Result<void> first_complaint(Connection& connection) {
  Query pages(connection, "PRAGMA integrity_check(1)");
  pages.next();
  if (const auto found = pages.get<std::string>(0); found != "ok") {
    return damaged(found);
  }
  Query references(connection, "PRAGMA foreign_key_check");
  if (references.next()) {
    return damaged("a row of " + references.get<std::string>(0) + " belongs to nothing");
  }
  Query lanes(connection,
              "SELECT count(*) FROM ("
              " SELECT priority, owner, count(*) FROM jobs WHERE state = "
              "'pending' GROUP BY 1, 2"
              " EXCEPT SELECT priority, owner, waiting FROM lanes)");
  lanes.next();
  if (lanes.get<int>(0) != 0) {
    return damaged("it has miscounted the waiting jobs");
  }
  return {};
}

}  // namespace

Result<void> SqliteAdministration::backup(const std::filesystem::path& file) {
  return sqlite::backup(database_, file);
}

std::optional<Time> SqliteAdministration::last_write() {
  return database_.read("last_write", [](Connection& connection) {
    // Each part reads a few rows or the end of an index.
    Query query(connection,
                "SELECT max(at) FROM ("
                " SELECT max(taken_at) AS at FROM leaders"
                " UNION ALL SELECT max(created_at) FROM jobs"
                " UNION ALL SELECT max(created_at) FROM uploads"
                // The believed time, each minute: "MILLISECONDS …".
                " UNION ALL SELECT CAST(value AS INTEGER) FROM state WHERE name = 'clock'"
                " UNION ALL SELECT * FROM (SELECT at FROM events ORDER BY position DESC LIMIT 1)"
                " UNION ALL SELECT * FROM (SELECT at FROM audit ORDER BY id DESC LIMIT 1))");
    query.next();
    return query.get<std::optional<Time>>(0);
  });
}

std::string SqliteAdministration::set_aside() {
  const auto& log = database_.set_aside();
  if (log.empty()) return {};
  return "the write-ahead log of another database lay beside this one, and is now " + log.string();
}

Result<void> SqliteAdministration::check() {
  try {
    return database_.read("check", first_complaint).map_error([this](Error error) {
      return Error{error.code, "the database " + database_.file().string() + " " + error.message};
    });
  } catch (const StoreError& error) {
    return fail(Errc::io, error.what());
  }
}

}  // namespace steno::sqlite
