#pragma once

#include <string_view>

#include "api/core/describe.h"
#include "api/service.h"
#include "domain/audit_entry.h"

namespace steno::api {

/// An entry for the audit log: the caller of the request, its address, the action and its result.
/// `result` is "ok" or the code of an error.
AuditEntry audit_entry(const Service& service, http::Request& request, std::string_view action,
                       std::string_view subject, std::string_view result = "ok");

/// Adds to the audit log what the caller of the request did: `result` is "ok" or the code of an
/// error. Blocks; throws StoreError, so that a change without a record is reported as failed.
void audit(Service& service, http::Request& request, std::string_view action,
           std::string_view subject, std::string_view result = "ok");

/// GET /api/v1/audit.
void add_audit_route(Routes& routes, Service& service);

}  // namespace steno::api
