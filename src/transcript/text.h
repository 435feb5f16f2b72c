#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text as the writers of this folder need it.
namespace steno::text {

/// The text with every part that is not valid UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

/// Valid UTF-8 on one line: every line break, tab and control character is a space.
std::string one_line(std::string_view text);

/// Without spaces, ideographic ones too, at both ends.
std::string_view trim(std::string_view text);

/// The code point at byte `at` of a valid text, which then stands behind it.
char32_t next_code_point(std::string_view text, std::size_t& at);

/// Whether the character is of a script that is written without spaces between words: Chinese,
/// Japanese, Thai, Lao, Khmer, Burmese, and their punctuation.
bool is_spaceless(char32_t point);

/// Whether two texts are joined with a space between them: not where one is empty or where two
/// characters of spaceless scripts meet.
bool needs_space_between(std::string_view before, std::string_view after);

/// How many characters (code points) a valid text has.
int length(std::string_view text);

}  // namespace steno::text
