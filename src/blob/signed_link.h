#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace steno::blob {

using LinkSecret = std::array<std::byte, 32>;

/// Makes `path?expires=<unix seconds>&signature=<hex>`. Every holder of the link may read `path`
/// until it expires. The signature is HMAC-SHA256 over path and expiry. `path` is absolute and has
/// no query.
std::string sign_link(std::string_view path, std::chrono::system_clock::time_point expires,
                      const LinkSecret& secret);

/// Returns the path of a link that was signed with `secret` and has not expired at `now`. Fails
/// with `invalid_argument` if the link is malformed, has other parameters or a wrong signature, and
/// with `not_found` if it has expired. Takes the same time for every wrong signature.
Result<std::string> verify_link(std::string_view link, std::chrono::system_clock::time_point now,
                                const LinkSecret& secret);

}  // namespace steno::blob
