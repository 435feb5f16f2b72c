#pragma once

#include <string>

namespace steno {

/// A position in a recording for messages: "0:12.3", "1:02:03.4".
std::string position_text(double seconds);

}  // namespace steno
