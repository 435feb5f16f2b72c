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
  Result<void> check() override;

 private:
  Database& database_;
};

}  // namespace steno::sqlite
