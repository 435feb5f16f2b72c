#pragma once

#include "api/service.h"

namespace steno::api {

/// Lets no key have more than ApiOptions::max_requests_per_key requests running at once: 429
/// `too_many_requests`. Behind authentication(); who has no key or a link is not counted.
http::Middleware request_limit(const ApiOptions& options);

}  // namespace steno::api
