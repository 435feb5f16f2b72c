#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "base/mutex.h"

namespace steno::service {

/// Names of the operations that this process is doing now, each at most so many times at once.
/// Thread-safe.
class InProgress {
 public:
  explicit InProgress(int most = 1) : most_(most) {}

  /// One use of a name; ends at its destruction.
  class Entry {
   public:
    Entry(InProgress& owner, std::string name) : owner_(&owner), name_(std::move(name)) {}
    Entry(Entry&& other) noexcept;
    Entry& operator=(Entry&&) = delete;
    ~Entry();

   private:
    InProgress* owner_;
    std::string name_;
  };

  /// Nothing if the name is in use as often as allowed.
  [[nodiscard]] std::optional<Entry> enter(std::string name);

 private:
  Mutex mutex_;
  const int most_;
  std::unordered_map<std::string, int> names_ GUARDED_BY(mutex_);
};

}  // namespace steno::service
