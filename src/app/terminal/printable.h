#pragma once

#include <string>

namespace steno::app {

/// Returns the text on one line, safe for a terminal. Control characters, which file names may
/// contain, become '?'.
std::string printable(std::string text);

/// Whether printable() would not change the text.
bool is_printable(const std::string& text);

}  // namespace steno::app
