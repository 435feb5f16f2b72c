#pragma once

#include <string>
#include <string_view>

#include "http/router.h"

namespace steno::http {

/// A handler that answers with `content` from memory, with an ETag of its bytes.
/// `cache_control` is that header's value.
Handler static_content(std::string_view content_type, std::string content,
                       std::string_view cache_control = "no-cache");

}  // namespace steno::http
