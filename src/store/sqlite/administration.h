#pragma once

#include "store/administration.h"
#include "store/sqlite/database.h"

namespace steno::sqlite {

/// Maintenance of an SQLite database.
class SqliteAdministration : public Administration {
 public:
  explicit SqliteAdministration(Database& database) : database_(database) {}
  Result<void> backup(const std::filesystem::path& file) override;
  bool scrub() override { return database_.empty_log(); }
  std::optional<Time> last_write() override;
  DiskReserve::State reserve() override { return database_.reserve().state(); }
  Result<void> keep_reserve() override { return database_.reserve().keep(); }
  std::string set_aside() override;
  Result<void> check() override;

 private:
  Database& database_;
};

}  // namespace steno::sqlite
