#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/upload.h"
#include "store/job_submission.h"
#include "store/sqlite/database.h"
#include "store/upload_store.h"

namespace steno::sqlite {

/// Marks the upload as taken by a job whose audio is `blob`. False when it has another blob: it is
/// gone, taken or not complete.
bool take_upload(Connection& connection, const UploadUse& use, std::string_view blob);

/// Uploads in SQLite.
class Uploads : public UploadStore {
 public:
  explicit Uploads(Database& database) : database_(database) {}
  void add(const Upload& upload) override;
  std::optional<Upload> find(std::string_view id) override;
  bool set_complete(std::string_view id, Time expires_at) override;
  bool erase(std::string_view id) override;
  std::vector<Upload> expired(Time now, int limit) override;
  Expiry expire(std::string_view id, Time now) override;
  std::vector<Upload> all() override;
  int64_t count_open(std::string_view owner, Time now) override;

 private:
  Database& database_;
};

}  // namespace steno::sqlite
