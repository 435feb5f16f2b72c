#pragma once

#include <optional>
#include <string_view>

// Private to postprocess/.

namespace steno::postprocess {

/// The value 0 to 9 of a decimal digit of any script.
std::optional<int> digit_value(char32_t point);

/// Whether valid UTF-8 text contains a letter or digit of any script.
bool has_letter_or_digit(std::string_view text);

}  // namespace steno::postprocess
