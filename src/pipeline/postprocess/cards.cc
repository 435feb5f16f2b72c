#include <algorithm>
#include <cstddef>
#include <span>

#include "pipeline/postprocess/private_numbers.h"

namespace steno::postprocess {
namespace {

constexpr std::size_t kFewest = 13;
constexpr std::size_t kMost = 19;

/// Luhn's check (ISO/IEC 7812-1): every second digit from the right is doubled, starting with the
/// second.
bool has_luhn_sum(std::span<const Digit> digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int value = digits[digits.size() - 1 - i].value;
    const int doubled = 2 * value > 9 ? 2 * value - 9 : 2 * value;
    sum += i % 2 == 1 ? doubled : value;
  }
  return sum % 10 == 0;
}

/// Whether the first digit belongs to an issuer of payment cards.
bool may_be_card(std::span<const Digit> digits) {
  const int first = digits.front().value;
  return (first >= 2 && first <= 6) || first == 8;
}

bool starts_group(const DigitRun& run, std::size_t at) {
  return at == 0 || at == run.size() || !run[at].gap.empty();
}

std::size_t group_end(const DigitRun& run, std::size_t at) {
  while (!starts_group(run, at)) ++at;
  return at;
}

/// Appends the cards in the run as edits. A card consists of whole groups. Text may be attached to
/// its end.
void append_cards(const DigitRun& run, std::vector<Edit>& edits) {
  std::size_t covered = 0;
  for (std::size_t begin = 0; begin + kFewest <= run.size(); ++begin) {
    if (!starts_group(run, begin)) continue;
    const bool is_long_group = group_end(run, begin + 1) - begin >= kFewest;
    std::size_t end = 0;
    for (std::size_t count = kFewest; count <= kMost && begin + count <= run.size(); ++count) {
      const std::span digits(run.data() + begin, count);
      const bool is_aligned = starts_group(run, begin + count) || is_long_group;
      if (is_aligned && may_be_card(digits) && has_luhn_sum(digits)) {
        end = group_end(run, begin + count);
      }
    }
    if (end <= covered) continue;
    if (begin < covered) {
      edits.back().end = run[end - 1].end;
    } else {
      edits.push_back({run[begin].begin, run[end - 1].end, "[CARD]"});
    }
    covered = end;
  }
}

}  // namespace

std::vector<Edit> find_cards(const std::string& text, DigitWords words) {
  std::vector<Edit> edits;
  for (const DigitRun& run : digit_runs(text, words)) append_cards(run, edits);
  return edits;
}

}  // namespace steno::postprocess
