#include "service/cursor.h"

#include <algorithm>
#include <charconv>

namespace steno::service {
namespace {

constexpr std::size_t kLongestTime = 14;  // digits: until the year 5138
constexpr std::size_t kLongestId = 64;

bool is_id(std::string_view text) {
  constexpr auto is_fine = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && text.size() <= kLongestId && std::ranges::all_of(text, is_fine);
}

}  // namespace

std::string to_text(const Cursor& cursor) {
  return std::to_string(cursor.created_at.time_since_epoch().count()) + "." + cursor.job_id;
}

Result<Cursor> parse_cursor(std::string_view text) {
  const auto point = text.find('.');
  const auto refused = [] { return fail(Errc::invalid_argument, "is not a cursor of this list"); };
  if (point == std::string_view::npos || point == 0 || point > kLongestTime) return refused();
  std::int64_t milliseconds = 0;
  const char* end = text.data() + point;
  const auto [stopped, error] = std::from_chars(text.data(), end, milliseconds);
  if (error != std::errc() || stopped != end || milliseconds < 0) return refused();
  const auto id = text.substr(point + 1);
  if (!is_id(id)) return refused();
  return Cursor{Time(Milliseconds(milliseconds)), std::string(id)};
}

}  // namespace steno::service
