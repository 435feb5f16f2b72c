#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace steno::asr {

/// Text with every ill-formed sequence replaced by U+FFFD, one for each maximal part of a
/// character (the Unicode standard's recommended practice, which Rust and Python follow).
std::string to_valid_utf8(std::string_view bytes);

/// The code point at byte `at`, which then stands behind it. `text` is valid UTF-8.
char32_t next_code_point(std::string_view text, std::size_t& at);

/// Unicode's general categories L and N, and its White_Space.
bool is_letter(char32_t point);
bool is_number(char32_t point);
bool is_space(char32_t point);

}  // namespace steno::asr
