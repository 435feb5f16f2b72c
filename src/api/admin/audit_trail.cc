#include "api/admin/audit_trail.h"

namespace steno::api {

AuditEntry audit_entry(const Service& service, http::Request& request, std::string_view action,
                       std::string_view subject, std::string_view result) {
  return service::audit_entry(actor_of(request), service.clock.now(), action, subject, result);
}

void audit(Service& service, http::Request& request, std::string_view action,
           std::string_view subject, std::string_view result) {
  service.services.audit.add(actor_of(request), action, subject, result);
}

}  // namespace steno::api
