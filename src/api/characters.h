#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace steno::api {

/// How many characters (code points) a text in UTF-8 has: what JSON Schema's minLength and
/// maxLength count.
inline std::size_t count_characters(std::string_view text) {
  const auto starts_character = [](unsigned char c) { return (c & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

}  // namespace steno::api
