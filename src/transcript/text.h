#pragma once

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

/// How many characters (code points) a valid text has.
int length(std::string_view text);

}  // namespace steno::text
