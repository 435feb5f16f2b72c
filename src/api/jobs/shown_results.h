#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/mutex.h"

namespace steno::api {

/// A cache of results, as text by the key of their blob, whose content never changes. So a client
/// that polls causes no reads. Removes the least recently used when it holds too many bytes.
/// Thread-safe.
class ShownResults {
 public:
  using Text = std::shared_ptr<const std::string>;

  explicit ShownResults(std::size_t most_bytes = std::size_t{16} << 20) : most_(most_bytes) {}

  /// Null if it is not cached.
  Text find(const std::string& key);
  void keep(const std::string& key, Text text);

 private:
  using Entry = std::pair<std::string, Text>;

  const std::size_t most_;
  Mutex mutex_;
  std::list<Entry> entries_ GUARDED_BY(mutex_);  // most recently shown first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace steno::api
