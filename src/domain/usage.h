#pragma once

#include <cstdint>
#include <string>

namespace steno {

/// The usage of one key on one day (UTC).
struct Usage {
  std::string owner;
  std::string key_id;
  std::string day;  ///< "2026-11-25"
  int64_t jobs = 0;
  int64_t failures = 0;
  int64_t bytes = 0;
  double audio_seconds = 0;
  double compute_seconds = 0;

  bool operator==(const Usage&) const = default;
};

}  // namespace steno
