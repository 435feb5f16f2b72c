#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace steno {

/// A recording that is being uploaded with the tus protocol, or is complete and without a job.
struct Upload {
  std::string id;
  std::string owner;
  std::string blob;      ///< key of the blob, which may be partial
  std::string metadata;  ///< the Upload-Metadata header, unchanged
  int64_t length = 0;    ///< final number of bytes
  bool complete = false;
  Time created_at;
  Time expires_at;

  bool operator==(const Upload&) const = default;
};

}  // namespace steno
