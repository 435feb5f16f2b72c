#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace steno {

/// Who did what, when, from where, and what came of it.
struct AuditEntry {
  int64_t id = 0;  ///< grows
  Time at;
  std::string actor;    ///< a key's id, "local" for a command on the machine, "service"
  std::string action;   ///< "job.submit", "key.create", …
  std::string subject;  ///< what it was done to
  std::string address;  ///< the client's
  std::string result;   ///< "ok", or a problem's code
  std::string request_id;

  bool operator==(const AuditEntry&) const = default;
};

}  // namespace steno
