#pragma once

#include <string_view>

#include "api/core/describe.h"
#include "api/service.h"
#include "domain/audit_entry.h"

namespace steno::api {

/// An entry for the audit log: the caller of the request, its address, the action and its result.
/// `result` is "ok" or the code of a problem.
AuditEntry audit_entry(const Service& service, http::Request& request, std::string_view action,
                       std::string_view subject, std::string_view result = "ok");

/// Adds audit_entry() to the audit log. Blocks. Throws StoreError: a change without an audit entry
/// is reported as failed, and the client can repeat it.
void audit(Service& service, http::Request& request, std::string_view action,
           std::string_view subject, std::string_view result = "ok");

/// GET /api/v1/audit.
void add_audit_route(Routes& routes, Service& service);

}  // namespace steno::api
