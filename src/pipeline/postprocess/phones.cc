#include <re2/re2.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "pipeline/postprocess/private_numbers.h"

namespace steno::postprocess {
namespace {

struct Group {
  std::string digits;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string gap;  // text before it
};

std::vector<Group> groups_of(const DigitRun& run) {
  std::vector<Group> groups;
  for (const Digit& digit : run) {
    if (!digit.gap.empty()) groups.push_back({"", digit.begin, digit.end, digit.gap});
    groups.back().digits += static_cast<char>('0' + digit.value);
    groups.back().end = digit.end;
  }
  return groups;
}

/// Blanks dates, so that neither they nor adjacent digits are taken for phone numbers.
std::string without_dates(std::string text) {
  static const RE2 date(
      R"(\b(\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2})\b)");
  std::size_t from = 0;
  re2::StringPiece found;
  while (date.Match(text, from, text.size(), RE2::UNANCHORED, &found, 1)) {
    const auto begin = static_cast<std::size_t>(found.data() - text.data());
    from = begin + found.size();
    std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(begin), found.size(), '#');
  }
  return text;
}

bool is_year(const Group& group) {
  return group.digits.size() == 4 &&
         (group.digits.starts_with("19") || group.digits.starts_with("20"));
}

/// Whether commas separate single digits, as in digits spoken slowly. Commas do not separate the
/// groups of a phone number.
bool is_list(const std::vector<Group>& groups) {
  const auto is_behind_comma = [](const Group& group) {
    return group.gap.find(',') != std::string::npos && group.digits.size() > 1;
  };
  return std::ranges::all_of(groups, is_year) ||
         std::any_of(groups.begin() + 1, groups.end(), is_behind_comma);
}

bool is_phone(const std::string& text, const std::vector<Group>& groups) {
  std::size_t count = 0;
  for (const Group& group : groups) count += group.digits.size();
  const std::size_t begin = groups.front().begin;
  const bool is_marked = groups.front().digits.starts_with('0') ||
                         (begin > 0 && (text[begin - 1] == '+' || text[begin - 1] == '('));
  if (is_list(groups)) return false;
  if (is_marked) return count >= 7 && count <= 17;
  if (count == 7) return groups.size() == 2 && groups.front().digits.size() == 3;
  return count >= 9 && count <= 15;
}

}  // namespace

std::vector<Edit> find_phones(const std::string& text, DigitWords words) {
  std::vector<Edit> edits;
  const std::string plain = without_dates(text);
  for (const DigitRun& run : digit_runs(plain, words)) {
    const auto groups = groups_of(run);
    if (!is_phone(plain, groups)) continue;
    std::size_t begin = groups.front().begin;
    while (begin > 0 && std::string_view("+( ").find(text[begin - 1]) != std::string_view::npos &&
           text[begin - 1] != ' ') {
      --begin;
    }
    edits.push_back({begin, groups.back().end, "[PHONE]"});
  }
  return edits;
}

}  // namespace steno::postprocess
