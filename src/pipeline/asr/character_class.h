#pragma once

namespace steno::asr {

/// Unicode's general categories L and N, and the White_Space property.
bool is_letter(char32_t point);
bool is_number(char32_t point);
bool is_space(char32_t point);

}  // namespace steno::asr
