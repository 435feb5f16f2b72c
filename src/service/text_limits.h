#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace steno::service {

/// How many characters (code points) a text in UTF-8 has: what JSON Schema's minLength and
/// maxLength count.
inline std::size_t count_characters(std::string_view text) {
  const auto starts_character = [](unsigned char c) { return (c & 0xC0) != 0x80; };
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

inline bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

/// Whether `text` has 1 to `longest` characters, none of them a control character.
inline bool is_plain_text(std::string_view text, std::size_t longest) {
  return !text.empty() && count_characters(text) <= longest && !has_control_characters(text);
}

/// The rule about control characters as a pattern of JSON Schema.
inline constexpr const char* kNoControlCharacters = R"(^[^\u0000-\u001f\u007f]*$)";

/// The rule of is_plain_text() in words.
inline std::string plain_text_rule(std::size_t longest) {
  return "must be a text of 1 to " + std::to_string(longest) +
         " characters, none of them a control character";
}

}  // namespace steno::service
