#include "store/sqlite/administration.h"

#include "store/sqlite/backup.h"

namespace steno::sqlite {
namespace {

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
              " SELECT priority, owner, count(*) FROM jobs WHERE state = "
              "'pending' GROUP BY 1, 2"
              " EXCEPT SELECT priority, owner, waiting FROM lanes)");
  lanes.next();
  if (lanes.get<int>(0) != 0) {
    return fail(Errc::io, "the database is damaged: it has miscounted the waiting jobs");
  }
  return {};
}

}  // namespace

Result<void> SqliteAdministration::backup(const std::filesystem::path& file) {
  return sqlite::backup(database_, file);
}

Result<void> SqliteAdministration::check() {
  try {
    return database_.read("check", first_complaint);
  } catch (const StoreError& error) {
    return fail(Errc::io, error.what());
  }
}

}  // namespace steno::sqlite
