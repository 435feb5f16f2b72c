#include "transcript/text.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace steno::text {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

/// The number of bytes of the character at the start of `text`. Negative: the number of invalid
/// bytes (Unicode 15, table 3-7 and "substitution of maximal subparts").
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

char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  char32_t point = size == 1 ? first : first & (0x7FU >> size);
  for (std::size_t i = 1; i < size && at + i < text.size(); ++i) {
    point = point << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  at = std::min(at + size, text.size());
  return point;
}

bool is_spaceless(char32_t point) {
  struct Block {
    char32_t first;
    char32_t last;
  };
  static constexpr std::array<Block, 8> kBlocks = {{{0x0E00, 0x0EFF},      // Thai, Lao
                                                    {0x1000, 0x109F},      // Burmese
                                                    {0x1780, 0x17FF},      // Khmer
                                                    {0x2E80, 0x312F},      // radicals to bopomofo
                                                    {0x31A0, 0x9FFF},      // strokes to ideographs
                                                    {0xF900, 0xFAFF},      // more ideographs
                                                    {0xFF00, 0xFFEF},      // full-width forms
                                                    {0x20000, 0x3FFFF}}};  // rare ideographs
  return std::ranges::any_of(
      kBlocks, [point](const Block& block) { return block.first <= point && point <= block.last; });
}

bool needs_space_between(std::string_view before, std::string_view after) {
  if (before.empty() || after.empty()) return false;
  std::size_t last = before.size() - 1;
  while (last > 0 && is_continuation(static_cast<unsigned char>(before[last]))) --last;
  std::size_t first = 0;
  return !is_spaceless(next_code_point(before, last)) ||
         !is_spaceless(next_code_point(after, first));
}

int length(std::string_view text) {
  return static_cast<int>(std::ranges::count_if(
      text, [](char c) { return !is_continuation(static_cast<unsigned char>(c)); }));
}

}  // namespace steno::text
