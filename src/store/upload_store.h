#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/upload.h"
#include "store/store_error.h"

namespace steno {

/// Uploads in progress, finished uploads, and for a while those that a job has taken.
/// JobStore::submit() marks an upload as taken. Thread-safe; calls block; throws StoreError.
class UploadStore {
 public:
  virtual ~UploadStore() = default;
  /// Throws when the id exists.
  virtual void add(const Upload& upload) = 0;
  virtual std::optional<Upload> find(std::string_view id) = 0;
  /// False when there is no such upload: it has expired or was removed.
  virtual bool set_complete(std::string_view id, Time expires_at) = 0;
  /// Removes the upload unless a job has taken it, in one statement. False when there is none, or a
  /// job has it.
  virtual bool erase(std::string_view id) = 0;
  /// Uploads whose expires_at has passed, earliest first.
  virtual std::vector<Upload> expired(Time now, int limit) = 0;
  /// Removes the upload if its expires_at has passed. A submission that takes the upload at the
  /// same time either comes first, and the result is `of_a_job` or `kept`, or finds no upload.
  enum class Expiry {
    kept,      ///< not expired, or no such upload
    of_a_job,  ///< removed; its blob is the audio of a job
    unused,    ///< removed; no job has its blob
  };
  virtual Expiry expire(std::string_view id, Time now) = 0;
  virtual std::vector<Upload> all() = 0;
  /// How many uploads of the owner have not expired and are not taken.
  virtual int64_t count_open(std::string_view owner, Time now) = 0;
};

}  // namespace steno
