#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/error.h"
#include "service/service_parts.h"

namespace steno::service {

/// Blobs of new jobs, written before the jobs are stored. Destroyed without keep() it removes them.
/// Not thread-safe.
class PendingBlobs {
 public:
  explicit PendingBlobs(const ServiceParts& parts) : parts_(parts) {}
  ~PendingBlobs() { drop(); }
  PendingBlobs(const PendingBlobs&) = delete;
  PendingBlobs& operator=(const PendingBlobs&) = delete;

  /// The blob has been written.
  void add(std::string key) { keys_.push_back(std::move(key)); }
  /// Writes a small blob. Errors: those of storage_error().
  Outcome<void> put(const std::string& key, std::string_view content);
  /// The jobs are stored: the blobs are theirs.
  void keep() { keys_.clear(); }
  /// The store has thrown: keeps the blobs if the job is stored after all, or if that cannot be
  /// known; then the removal of orphans removes what no job names.
  void keep_if_stored(std::string_view job_id);
  /// Removes the blobs.
  void drop();

 private:
  const ServiceParts& parts_;
  std::vector<std::string> keys_;
};

}  // namespace steno::service
