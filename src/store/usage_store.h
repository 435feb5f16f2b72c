#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/usage.h"
#include "store/store_error.h"

namespace steno {

class UsageStore {
 public:
  virtual ~UsageStore() = default;
  /// Adds to the stored usage of this key and day.
  virtual void add(const Usage& more) = 0;
  /// Usage from day `first` to day `last` (both included), by day and key, of one owner or of all.
  virtual std::vector<Usage> list(const std::optional<std::string>& owner, std::string_view first,
                                  std::string_view last) = 0;
};

}  // namespace steno
