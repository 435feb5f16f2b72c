#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.h"

namespace steno::api {

/// Reads JSON from clients (RFC 8259, I-JSON). `invalid_argument` for text that is not JSON or not
/// UTF-8, for a repeated key of an object, for more than 16 levels of nesting, and for a number
/// that does not fit a double. The message names the error and its position.
Result<nlohmann::json> parse_strict_json(std::string_view text);

}  // namespace steno::api
