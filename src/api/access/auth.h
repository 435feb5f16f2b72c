#pragma once

#include "api/service.h"

namespace steno::api {

/// Lets a request pass if its key has the scope that the route's tag names. The key comes as
/// X-API-Key or Authorization: Bearer. Otherwise 401 `missing_key` or `invalid_key`, or 403
/// `insufficient_scope`; where no key is needed, 403 as check_local() says.
///
/// Passes without a key: routes without a tag, requests without a route, and requests that an
/// earlier middleware has given a context (a signed link).
http::Middleware authentication(Service& service);

}  // namespace steno::api
