#pragma once

#include <string_view>

#include "base/result.h"

namespace steno::blob {

/// Fails with `invalid_argument` unless is_valid_key().
Result<void> check_key(std::string_view key);

/// Fails with `invalid_argument` unless `id` is a key of one segment.
Result<void> check_upload_id(std::string_view id);

}  // namespace steno::blob
