#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace steno {

/// The values of a label, of which there are at most so many; further ones are "other". What a
/// label has once taken stays. Thread-safe.
class BoundedLabel {
 public:
  explicit BoundedLabel(std::size_t most) : most_(most) {}

  /// The value if it is printable ASCII of at most 100 bytes, else "other".
  std::string operator()(std::string_view value);

 private:
  const std::size_t most_;
  Mutex mutex_;
  std::set<std::string, std::less<>> values_ GUARDED_BY(mutex_);
};

}  // namespace steno
