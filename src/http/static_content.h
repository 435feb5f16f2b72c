#pragma once

#include <string>
#include <string_view>

#include "http/router.h"

namespace steno::http {

/// Creates a handler that answers with `content` from memory and an ETag of its bytes.
/// `cache_control` is the value of that header.
Handler static_content(std::string_view content_type, std::string content,
                       std::string_view cache_control = "no-cache");

}  // namespace steno::http
