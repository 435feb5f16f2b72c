#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "api/core/describe.h"

namespace steno::api {

/// The document of the API (OpenAPI 3.1), made of what the routes say of themselves. `server` is
/// the address it is reached at; "" for that of the document itself.
nlohmann::json openapi_document(const Routes& routes, const std::string& server);

/// GET /openapi.json: the document of all routes that have been added before, and of itself.
void add_openapi_route(Routes& routes, const std::string& server);

}  // namespace steno::api
