#pragma once

#include <string_view>

#include "api/core/describe.h"
#include "api/service.h"

namespace steno::api {

/// Notes in the audit log what the request's caller did, from where, and what came of it: `result`
/// is "ok" or the code of a problem. Blocks. It throws StoreError when it cannot: a change that is
/// on no record is reported as failed, and all changes can be asked for again.
void audit(Service& service, http::Request& request, std::string_view action,
           std::string_view subject, std::string_view result = "ok");

/// GET /api/v1/audit.
void add_audit_route(Routes& routes, Service& service);

}  // namespace steno::api
