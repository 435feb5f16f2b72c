#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace steno::sqlite {

/// Moves the write-ahead log beside `file` away if it is another database's, so that SQLite does
/// not write it into this one. A copy made by `steno backup` has no log; one lies beside it if the
/// copy took the place of a database that had not been closed. Returns the new name of the log, or
/// an empty path. Errors: those of file_error().
Result<std::filesystem::path> set_foreign_log_aside(const std::filesystem::path& file);

/// See restore_sqlite().
Result<std::filesystem::path> restore(const std::filesystem::path& file,
                                      const std::filesystem::path& from);

}  // namespace steno::sqlite
