#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/store_error.h"

namespace steno {

/// Small values that belong to the whole installation, by name. Thread-safe; calls block; throws
/// StoreError.
class StateTable {
 public:
  virtual ~StateTable() = default;
  virtual std::optional<std::string> get(std::string_view name) = 0;
  /// Writes the value if the stored one is `before` (nothing: there is none), in one transaction.
  /// False if another process has changed it since.
  virtual bool replace(std::string_view name, const std::optional<std::string>& before,
                       std::string_view value) = 0;
};

}  // namespace steno
