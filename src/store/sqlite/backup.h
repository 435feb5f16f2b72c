#pragma once

#include <filesystem>

#include "base/result.h"
#include "store/sqlite/database.h"

namespace steno::sqlite {

/// See Store::backup(). Fails with conflict if the file exists, and with io if it cannot be
/// written.
Result<void> backup(Database& database, const std::filesystem::path& file);

}  // namespace steno::sqlite
