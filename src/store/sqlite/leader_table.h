#pragma once

#include <optional>
#include <string_view>

#include "store/leader_table.h"
#include "store/sqlite/database.h"

namespace steno::sqlite {

/// Locks of leaders in SQLite.
class Leaders : public LeaderTable {
 public:
  explicit Leaders(Database& database) : database_(database) {}
  std::optional<int64_t> take(std::string_view lock, std::string_view holder,
                              Milliseconds ttl) override;
  void release(std::string_view lock, std::string_view holder) override;

 private:
  Database& database_;
};

}  // namespace steno::sqlite
