#pragma once

#include <optional>
#include <string>

#include "api/core/describe.h"
#include "http/request.h"

namespace steno::api {

/// The request's Idempotency-Key, if there is one. Throws RequestError: `malformed` with
/// `invalid_idempotency_key`.
std::optional<std::string> idempotency_key(const http::Request& request);

/// The header as the API's document describes it.
Parameter idempotency_parameter();

}  // namespace steno::api
