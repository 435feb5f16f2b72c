#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "api/core/describe.h"

namespace steno::api {

/// The document of the API (OpenAPI 3.1), made from the descriptions of the routes. `server` is the
/// address of the API; "" for the address of the document itself.
nlohmann::json openapi_document(const Routes& routes, const std::string& server);

/// Adds GET /openapi.json: the document of all routes added before, and of itself.
void add_openapi_route(Routes& routes, const std::string& server);

}  // namespace steno::api
