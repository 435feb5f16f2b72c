#include "transcript/text.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace steno::text {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

/// Bytes of the character at the start of `text`, or, negative, of what is no character there
/// (Unicode 15, table 3-7 and "substitution of maximal subparts").
int character(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  if (first < 0x80) return 1;
  int size = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    size = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    size = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    size = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  } else {
    return -1;
  }
  if (text.size() < 2 || at(1) < low || at(1) > high) return -1;
  for (int i = 2; i < size; ++i) {
    if (static_cast<std::size_t>(i) >= text.size() || !is_continuation(at(i))) return -i;
  }
  return size;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const int size = character(text);
    const auto count = static_cast<std::size_t>(size < 0 ? -size : size);
    result += size < 0 ? kReplacement : text.substr(0, count);
    text.remove_prefix(count);
  }
  return result;
}

std::string one_line(std::string_view text) {
  // Next line, line separator, paragraph separator.
  static constexpr std::array<std::string_view, 3> kBreaks = {"\xC2\x85", "\xE2\x80\xA8",
                                                              "\xE2\x80\xA9"};
  const std::string valid = valid_utf8(text);
  std::string result;
  result.reserve(valid.size());
  for (std::string_view rest = valid; !rest.empty();) {
    const auto size = static_cast<std::size_t>(character(rest));
    const auto shown = rest.substr(0, size);
    const auto first = static_cast<unsigned char>(shown.front());
    const bool is_space =
        first < 0x20 || first == 0x7F || std::ranges::find(kBreaks, shown) != kBreaks.end();
    if (is_space) {
      result += ' ';
    } else {
      result += shown;
    }
    rest.remove_prefix(size);
  }
  return result;
}

std::string_view trim(std::string_view text) {
  static constexpr std::array<std::string_view, 3> kSpaces = {" ", "\xC2\xA0", "\xE3\x80\x80"};
  bool has_changed = true;
  while (has_changed) {
    has_changed = false;
    for (const auto space : kSpaces) {
      if (text.starts_with(space)) {
        text.remove_prefix(space.size());
        has_changed = true;
      }
      if (text.ends_with(space)) {
        text.remove_suffix(space.size());
        has_changed = true;
      }
    }
  }
  return text;
}

int length(std::string_view text) {
  return static_cast<int>(std::ranges::count_if(
      text, [](char c) { return !is_continuation(static_cast<unsigned char>(c)); }));
}

}  // namespace steno::text
