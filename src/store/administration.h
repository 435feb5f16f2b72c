#pragma once

#include <filesystem>

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
  /// Checks the whole database. Errors: io with the damage.
  virtual Result<void> check() = 0;
};

}  // namespace steno
