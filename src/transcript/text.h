#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text functions for the writers of this folder.
namespace steno::text {

/// Replaces every invalid part by U+FFFD.
std::string valid_utf8(std::string_view text);

/// Valid UTF-8 on one line: line breaks, tabs and control characters become spaces.
std::string one_line(std::string_view text);

/// Removes spaces, including ideographic ones, at both ends.
std::string_view trim(std::string_view text);

/// Returns the code point at byte `at` of valid UTF-8 text, and advances `at` past it.
char32_t next_code_point(std::string_view text, std::size_t& at);

/// Whether the character belongs to a script without spaces between words: Chinese, Japanese, Thai,
/// Lao, Khmer, Burmese, and their punctuation.
bool is_spaceless(char32_t point);

/// Whether two texts are joined with a space. Not if one is empty or two characters of spaceless
/// scripts meet.
bool needs_space_between(std::string_view before, std::string_view after);

/// The number of characters (code points) of valid UTF-8 text.
int length(std::string_view text);

}  // namespace steno::text
