#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/disk_reserve.h"
#include "base/result.h"
#include "store/store_error.h"

namespace steno {

/// Maintenance of a whole store, for operators and housekeeping. Thread-safe; calls block.
class Administration {
 public:
  virtual ~Administration() = default;
  /// Writes a consistent copy while the service runs. Errors: conflict when the file exists; io
  /// when it cannot be written.
  virtual Result<void> backup(const std::filesystem::path& file) = 0;
  /// Removes erased content from the files of the database, including its log. Returns false if
  /// other readers or writers are in the way; then call it again later. Throws StoreError.
  virtual bool scrub() = 0;
  /// When the database was last written, as its rows show it: leadership, events, submissions,
  /// audit entries, and the time that GuardedClock stores each minute. Nothing for a new database.
  /// Throws StoreError.
  virtual std::optional<Time> last_write() = 0;
  /// The disk space that is kept for a full disk. `none` where the store has no such thing.
  virtual DiskReserve::State reserve() { return DiskReserve::State::none; }
  /// Makes the reserve anew if it was given up and there is room again. To be called at intervals.
  /// Errors: those of file_error().
  virtual Result<void> keep_reserve() { return {}; }
  /// The file that was set aside when the database was opened: a sentence, or empty.
  virtual std::string set_aside() { return {}; }
  /// Checks the whole database. Errors: io with the damage.
  virtual Result<void> check() = 0;
};

}  // namespace steno
