#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "store/sqlite/sqlite_connection.h"

namespace steno::sqlite {

/// One step of the database's form: a file of src/store/sqlite/migrations.
struct Migration {
  std::string_view name;
  std::string_view sql;
};

/// All of this program, in order.
std::span<const Migration> migrations();

/// Brings the database to the last of `steps`: those that it has not seen, in order, each in a
/// transaction. Of several processes at once, one does each. Errors: conflict when it has seen more
/// than these; io when it is another program's. Throws StoreError.
Result<void> migrate(Connection& connection, std::span<const Migration> steps);

}  // namespace steno::sqlite
