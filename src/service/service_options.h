#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace steno::service {

/// The settings of submissions and uploads.
struct ServiceOptions {
  std::uint64_t max_upload_bytes = std::uint64_t{4} << 30;  ///< of one recording
  std::uint64_t min_free_disk_bytes = 0;  ///< with less room left, submissions are refused
  std::string default_model = "base";     ///< for a submission that names none
  int max_attempts = 3;                   ///< of a job
  Milliseconds time_limit{0};             ///< of one attempt, at most; 0: none
  Milliseconds queue_ttl{0};              ///< how long a job may wait; 0: no limit
  Milliseconds upload_ttl{86'400'000};    ///< for an upload's bytes, and again until a job uses it
  Milliseconds idempotency_ttl{86'400'000};  ///< how long a used upload leads to its job
  int max_uploads_per_key = 1'000;           ///< open uploads of one owner
};

}  // namespace steno::service
