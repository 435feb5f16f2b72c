#pragma once

#include <cstdint>
#include <vector>

#include "domain/audit_entry.h"
#include "store/store_error.h"

namespace steno {

/// An append-only log. The database refuses to change or remove entries.
class AuditLog {
 public:
  virtual ~AuditLog() = default;
  virtual void add(const AuditEntry& entry) = 0;
  /// Entries with an id below `before` (0: all), newest first.
  virtual std::vector<AuditEntry> list(int64_t before, int limit) = 0;
};

}  // namespace steno
