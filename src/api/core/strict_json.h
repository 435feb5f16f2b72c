#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/result.h"

namespace steno::api {

/// Reads JSON from strangers (RFC 8259, I-JSON): beside what is no JSON or no UTF-8, a key that
/// comes twice in an object, more than 16 levels of nesting and a number that no double holds are
/// invalid_argument. The message says what and where.
Result<nlohmann::json> parse_strict_json(std::string_view text);

}  // namespace steno::api
