#include "service/audit_trail.h"

#include "store/audit_log.h"

namespace steno::service {

AuditEntry audit_entry(const Actor& actor, Time at, std::string_view action,
                       std::string_view subject, std::string_view result) {
  AuditEntry entry;
  entry.at = at;
  entry.actor = actor.id;
  entry.action = action;
  entry.subject = subject;
  entry.address = actor.address;
  entry.result = result;
  entry.request_id = actor.request_id;
  return entry;
}

void AuditTrail::add(const Actor& actor, std::string_view action, std::string_view subject,
                     std::string_view result) {
  log_.add(audit_entry(actor, clock_.now(), action, subject, result));
}

std::vector<AuditEntry> AuditTrail::list(std::int64_t before, int limit) {
  return log_.list(before, limit);
}

}  // namespace steno::service
