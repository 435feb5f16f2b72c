#pragma once

#include <string>

namespace steno::app {

/// The text on one line, for a terminal: what it could take for a command (control characters, as
/// file names may hold them) is '?'.
std::string printable(std::string text);

/// Whether it is so as it is.
bool is_printable(const std::string& text);

}  // namespace steno::app
