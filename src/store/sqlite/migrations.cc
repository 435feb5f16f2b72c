#include "store/sqlite/migrations.h"

#include <array>

namespace steno::sqlite {
namespace {

constexpr Migration kMigrations[] = {
#include "store/sqlite/migration_table.inc"
};

/// "Sten": `file` displays it, and it distinguishes the database from those of other programs.
constexpr int kApplication = 0x5374656e;

int number(Connection& connection, std::string_view sql) {
  Query query(connection, sql);
  query.next();
  return query.get<int>(0);
}

Result<void> recognise(Connection& connection, int known) {
  const int application = number(connection, "PRAGMA application_id");
  const int version = number(connection, "PRAGMA user_version");
  if (application != kApplication) {
    if (number(connection, "SELECT count(*) FROM sqlite_schema") == 0) return {};
    return fail(Errc::io, "is the database of another program; correct data_dir or store.url");
  }
  if (version > known) {
    return fail(Errc::conflict, "was written by a newer Steno: it is of version " +
                                    std::to_string(version) + ", this program knows " +
                                    std::to_string(known) +
                                    "; use the newer program, or restore a backup from before its "
                                    "first start");
  }
  return {};
}

/// Applies the next step. Returns false if there is none.
Result<bool> step(Connection& connection, std::span<const Migration> steps) {
  Transaction transaction(connection, Transaction::Lock::exclusive);
  // Checks again, because another process may have migrated in the meantime.
  const auto recognised = recognise(connection, static_cast<int>(steps.size()));
  if (!recognised) return tl::unexpected(recognised.error());
  const auto version = static_cast<size_t>(number(connection, "PRAGMA user_version"));
  if (version == steps.size()) return false;
  connection.run(std::string(steps[version].sql));
  connection.run("PRAGMA application_id = " + std::to_string(kApplication));
  connection.run("PRAGMA user_version = " + std::to_string(version + 1));
  transaction.commit();
  return true;
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<void> migrate(Connection& connection, std::span<const Migration> steps) {
  auto recognised = recognise(connection, static_cast<int>(steps.size()));
  if (!recognised) return recognised;
  // Without a lock if there is nothing to do, because others may be writing.
  while (number(connection, "PRAGMA user_version") < static_cast<int>(steps.size())) {
    const auto done = step(connection, steps);
    if (!done) return tl::unexpected(done.error());
  }
  return {};
}

}  // namespace steno::sqlite
