#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "domain/audit_entry.h"
#include "service/caller.h"

namespace steno {
class AuditLog;
}

namespace steno::service {

/// An entry for the audit log. `result` is "ok" or the code of a ServiceError.
AuditEntry audit_entry(const Actor& actor, Time at, std::string_view action,
                       std::string_view subject, std::string_view result = "ok");

/// Writes and reads the audit log. Thread-safe; calls block and throw StoreError. A change whose
/// entry cannot be written is reported as failed: every change can be asked for again.
class AuditTrail {
 public:
  AuditTrail(AuditLog& log, const Clock& clock) : log_(log), clock_(clock) {}

  /// Records that `actor` did `action` to `subject`.
  void add(const Actor& actor, std::string_view action, std::string_view subject,
           std::string_view result = "ok");
  /// At most `limit` entries, newest first, with an id below `before` (0: all).
  std::vector<AuditEntry> list(std::int64_t before, int limit);

 private:
  AuditLog& log_;
  const Clock& clock_;
};

}  // namespace steno::service
