#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/upload.h"
#include "store/store_error.h"

namespace steno {

class UploadStore {
 public:
  virtual ~UploadStore() = default;
  virtual void add(const Upload& upload) = 0;
  virtual std::optional<Upload> find(std::string_view id) = 0;
  virtual void set_complete(std::string_view id, Time expires_at) = 0;
  /// The upload is a job's now: its row stays until `expires_at`, without a blob and with other
  /// metadata. False when it is gone.
  virtual bool set_used(std::string_view id, std::string_view metadata, Time expires_at) = 0;
  virtual bool erase(std::string_view id) = 0;
  virtual std::vector<Upload> expired(Time now, int limit) = 0;
  /// Forgets the upload if its time is over. Of this and a job that takes its blob at the same
  /// time, one comes first: that job finds no row for set_used(), or is seen here.
  enum class Expiry { kept, of_a_job, nobodys };
  virtual Expiry expire(std::string_view id, Time now) = 0;
  virtual std::vector<Upload> all() = 0;
  /// How many of the owner's have time left and are no job's.
  virtual int64_t count_open(std::string_view owner, Time now) = 0;
};

}  // namespace steno
