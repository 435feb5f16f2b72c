#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "store/sqlite/sqlite_connection.h"

namespace steno::sqlite {

/// One migration of the database: a file of src/store/sqlite/migrations.
struct Migration {
  std::string_view name;
  std::string_view sql;
};

/// All migrations of this program, in order.
std::span<const Migration> migrations();

/// Applies the migrations that the database has not seen, in order, each in a transaction. With
/// several processes, each migration runs once. Fails with conflict if the database has newer
/// migrations, and with io if it belongs to another program. Throws StoreError.
Result<void> migrate(Connection& connection, std::span<const Migration> steps);

}  // namespace steno::sqlite
