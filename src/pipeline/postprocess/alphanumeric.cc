#include "pipeline/postprocess/alphanumeric.h"

#include <utf8proc.h>

#include "transcript/text.h"

namespace steno::postprocess {
namespace {

utf8proc_category_t category(char32_t point) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(point));
}

/// Letters and the marks that combine with them.
bool is_letter_or_mark(char32_t point) {
  switch (category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<int> digit_value(char32_t point) {
  if (category(point) != UTF8PROC_CATEGORY_ND) return std::nullopt;
  // The digits of a script are contiguous from zero to nine, and start at a multiple of ten from
  // one of two bases. The mathematical digits are five such rows in sequence.
  if (point >= 0x1D7CE && point <= 0x1D7FF) return static_cast<int>((point - 0x1D7CE) % 10);
  char32_t zero = point;
  while (point - zero < 9 && category(zero - 1) == UTF8PROC_CATEGORY_ND) --zero;
  return static_cast<int>(point - zero);
}

bool has_letter_or_digit(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = text::next_code_point(text, at);
    if (is_letter_or_mark(point) || digit_value(point)) return true;
  }
  return false;
}

}  // namespace steno::postprocess
