#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/sqlite/database.h"
#include "store/state_table.h"

namespace steno::sqlite {

/// Values of the installation in SQLite.
class StateRows : public StateTable {
 public:
  explicit StateRows(Database& database) : database_(database) {}
  std::optional<std::string> get(std::string_view name) override;
  bool replace(std::string_view name, const std::optional<std::string>& before,
               std::string_view value) override;

 private:
  Database& database_;
};

}  // namespace steno::sqlite
