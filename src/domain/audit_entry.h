#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace steno {

/// One entry of the audit log: actor, action, subject, time, address and result.
struct AuditEntry {
  int64_t id = 0;  ///< increases with each entry
  Time at;
  std::string actor;    ///< a key's id, "local" for a command on the machine, or "service"
  std::string action;   ///< "job.submit", "key.create", …
  std::string subject;  ///< the object of the action
  std::string address;  ///< the client's address
  std::string result;   ///< "ok", or a problem's code
  std::string request_id;

  bool operator==(const AuditEntry&) const = default;
};

}  // namespace steno
