#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "store/store_error.h"

namespace steno {

/// Which process leads: locks with a time to live, measured by the database's clock. jobs/leader.h
/// uses it. Thread-safe; throws StoreError.
class LeaderTable {
 public:
  virtual ~LeaderTable() = default;
  /// Takes the lock for `ttl`, or renews it for its holder. Returns its term, which grows each time
  /// that the lock is taken anew; nothing while another holder has it.
  virtual std::optional<int64_t> take(std::string_view lock, std::string_view holder,
                                      Milliseconds ttl) = 0;
  /// Gives up the lock if the holder has it; the next take() has it at once.
  virtual void release(std::string_view lock, std::string_view holder) = 0;
};

}  // namespace steno
