#pragma once

#include "api/service.h"

namespace steno::api {

/// Limits the requests of one key that run at once to ApiOptions::max_requests_per_key; above it
/// 429 `too_many_requests`. Comes after authentication(). Requests by a link or without a key are
/// not counted.
http::Middleware request_limit(const ApiOptions& options);

}  // namespace steno::api
