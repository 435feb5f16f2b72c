#include "pipeline/asr/unicode.h"

#include <utf8proc.h>

namespace steno::asr {
namespace {

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

/// What may follow a first byte: the number of bytes, and the range of the first of them (Unicode
/// 15, table 3-7).
struct Lead {
  std::size_t following = 0;
  unsigned lowest = 0x80;
  unsigned highest = 0xBF;
};

/// `following` is 0 for a byte that does not start a multi-byte character.
Lead lead(unsigned byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {};
}

}  // namespace

std::string to_valid_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const Lead first = lead(byte_at(bytes, at));
    std::size_t length = 1;
    for (; length <= first.following && at + length < bytes.size(); ++length) {
      const unsigned next = byte_at(bytes, at + length);
      const bool second = length == 1;
      if (next < (second ? first.lowest : 0x80) || next > (second ? first.highest : 0xBF)) break;
    }
    const bool whole =
        length == first.following + 1 && (first.following > 0 || byte_at(bytes, at) < 0x80);
    text += whole ? bytes.substr(at, length) : std::string_view("\xEF\xBF\xBD");
    at += length;
  }
  return text;
}

char32_t next_code_point(std::string_view text, std::size_t& at) {
  utf8proc_int32_t point = 0;
  const auto length = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + at,
                                       static_cast<utf8proc_ssize_t>(text.size() - at), &point);
  at += length > 0 ? static_cast<std::size_t>(length) : 1;
  return length > 0 ? static_cast<char32_t>(point) : U'\uFFFD';
}

bool is_letter(char32_t point) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(point));
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

bool is_number(char32_t point) {
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(point));
  return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO;
}

bool is_space(char32_t point) {
  if (point < 0x80) return point == ' ' || (point >= '\t' && point <= '\r');
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(point));
  return point == 0x85 || (category >= UTF8PROC_CATEGORY_ZS && category <= UTF8PROC_CATEGORY_ZP);
}

}  // namespace steno::asr
