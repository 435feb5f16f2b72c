#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/upload.h"
#include "store/sqlite/database.h"
#include "store/upload_store.h"

namespace steno::sqlite {

/// Recordings on their way in, in SQLite.
class Uploads : public UploadStore {
 public:
  explicit Uploads(Database& database) : database_(database) {}
  void add(const Upload& upload) override;
  std::optional<Upload> find(std::string_view id) override;
  void set_complete(std::string_view id, Time expires_at) override;
  bool set_used(std::string_view id, std::string_view metadata, Time expires_at) override;
  bool erase(std::string_view id) override;
  std::vector<Upload> expired(Time now, int limit) override;
  Expiry expire(std::string_view id, Time now) override;
  std::vector<Upload> all() override;
  int64_t count_open(std::string_view owner, Time now) override;

 private:
  Database& database_;
};

}  // namespace steno::sqlite
