#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"

namespace steno {

/// How the SQLite database is used.
struct SqliteOptions {
  /// Longest wait for another process's lock; then StoreError::busy.
  Milliseconds busy{5000};
  /// Receives each call, such as "jobs.update", and its duration including waits. Called by many
  /// threads at once; must not throw.
  std::function<void(std::string_view operation, double seconds)> observer;
  /// Disk space beside the file that is given up to a write when the disk is full; 0: none.
  std::uint64_t reserve_bytes = 0;
  /// The database's time; empty: this machine's. Tests replace it. Thread-safe.
  std::function<Time()> now;
};

/// The SQLite database in `file`, made when missing, brought to this program's version by the
/// numbered migrations; or one in memory alone for an empty path. Errors: conflict when it was
/// written by a newer program; io when it is no database or another program's, is damaged, or
/// cannot be opened or written.
Result<std::unique_ptr<Store>> open_sqlite(const std::filesystem::path& file,
                                           const SqliteOptions& options = {});

/// Replaces the database in `file` by `from`, a copy that Administration::backup() has made. The
/// old database and its log are kept; returns the name of the old file, or an empty path if there
/// was none. Nothing is changed unless the copy is sound. Errors: invalid_argument when `from` is
/// no finished copy; conflict while the database is in use, or when the copy was written by a newer
/// program; io.
Result<std::filesystem::path> restore_sqlite(const std::filesystem::path& file,
                                             const std::filesystem::path& from);

}  // namespace steno
