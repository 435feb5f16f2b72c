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

inline bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

/// What a text without them is by JSON Schema.
inline constexpr const char* kNoControlCharacters = R"(^[^\u0000-\u001f\u007f]*$)";

}  // namespace steno::api
