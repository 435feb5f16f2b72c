#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace steno {

/// A recording on its way in by the tus protocol, or complete and not yet a job's.
struct Upload {
  std::string id;
  std::string owner;
  std::string blob;      ///< key of the (partial) blob
  std::string metadata;  ///< the Upload-Metadata header, as it came
  int64_t length = 0;    ///< bytes it will have
  bool complete = false;
  Time created_at;
  Time expires_at;

  bool operator==(const Upload&) const = default;
};

}  // namespace steno
