#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/sqlite/database.h"
#include "store/worker_table.h"

namespace steno::sqlite {

/// Rows of workers in SQLite.
class Workers : public WorkerTable {
 public:
  explicit Workers(Database& database) : database_(database) {}
  bool add(std::string_view name, std::string_view token, std::string_view description,
           Milliseconds ttl) override;
  bool heartbeat(std::string_view name, std::string_view token,
                 const std::optional<std::string>& report) override;
  void remove(std::string_view name, std::string_view token) override;
  std::vector<WorkerRow> list() override;
  bool begin_burial(std::string_view name, std::string_view token) override;
  void end_burial(std::string_view name, std::string_view token, bool is_done) override;

 private:
  Database& database_;
};

}  // namespace steno::sqlite
