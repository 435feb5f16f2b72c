#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace steno {

/// A label with a limited number of values; further values become "other". A value that has been
/// used stays valid. Thread-safe.
class BoundedLabel {
 public:
  explicit BoundedLabel(std::size_t most) : most_(most) {}

  /// The value if it is printable ASCII of at most 100 bytes, otherwise "other".
  std::string operator()(std::string_view value);

 private:
  const std::size_t most_;
  Mutex mutex_;
  std::set<std::string, std::less<>> values_ GUARDED_BY(mutex_);
};

}  // namespace steno
