#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace steno::asr {

/// Removes white space at both ends. ASCII white space suffices for Whisper's tokens.
inline std::string_view strip(std::string_view text) {
  constexpr std::string_view kSpace = " \t\n\r\f\v";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// The number of code points of UTF-8 text.
inline std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace steno::asr
