#include "api/admin/audit_trail.h"

#include "domain/audit_entry.h"
#include "store/audit_log.h"

namespace steno::api {

AuditEntry audit_entry(const Service& service, http::Request& request, std::string_view action,
                       std::string_view subject, std::string_view result) {
  AuditEntry entry;
  entry.at = service.clock.now();
  entry.actor = caller_of(request).key_id;
  entry.action = action;
  entry.subject = subject;
  entry.address = request.remote_address();
  entry.result = result;
  entry.request_id = request.id();
  return entry;
}

void audit(Service& service, http::Request& request, std::string_view action,
           std::string_view subject, std::string_view result) {
  service.store.audit().add(audit_entry(service, request, action, subject, result));
}

}  // namespace steno::api
