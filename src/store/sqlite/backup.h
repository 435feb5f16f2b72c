#pragma once

#include <filesystem>

#include "base/result.h"
#include "store/sqlite/database.h"

namespace steno::sqlite {

/// See Store::backup(). Errors: conflict when the file exists, io when it cannot be written.
Result<void> backup(Database& database, const std::filesystem::path& file);

}  // namespace steno::sqlite
