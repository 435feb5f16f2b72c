#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace steno::asr {

/// Replaces every ill-formed sequence by U+FFFD, one for each maximal part of a character. The
/// Unicode standard recommends this; Rust and Python do it too.
std::string to_valid_utf8(std::string_view bytes);

/// Returns the code point at byte `at` and advances `at` past it. `text` is valid UTF-8.
char32_t next_code_point(std::string_view text, std::size_t& at);

/// Unicode's general categories L and N, and the White_Space property.
bool is_letter(char32_t point);
bool is_number(char32_t point);
bool is_space(char32_t point);

}  // namespace steno::asr
