#include "transcript/sentences.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "transcript/text.h"

namespace steno {
namespace {

constexpr double kSentencePause = 2.0;  // seconds; a longer pause ends a sentence
constexpr double kOrdinalPause =
    0.15;  // seconds; shorter pauses follow the point of "3. Mai", but not of "25. He"

constexpr std::u32string_view kSentenceEnds = U"!?…。！？．｡؟۔।॥።፧։";
constexpr std::u32string_view kClauseEnds = U",;:—–،؛、，；：";
constexpr std::u32string_view kClosing = U"\"'”’»)]}】」』）〉》›";

// In lower case without their point. Those of the second list count only before a number.
constexpr std::array<std::string_view, 31> kAbbreviations = {
    "mr",   "mrs",  "ms",  "dr",  "prof", "st",   "sr",     "jr",  "vs",  "e.g",  "i.e",
    "hr",   "fr",   "bzw", "ca",  "usw",  "z.b",  "d.h",    "u.a", "mme", "mlle", "sra",
    "srta", "dott", "sig", "dhr", "mevr", "bijv", "approx", "rev", "ggf"};
constexpr std::array<std::string_view, 7> kBeforeNumbers = {"no",  "nr",  "fig", "art",
                                                            "abs", "vol", "pp"};

/// The text without closing quotes and brackets, and its last character.
struct Ending {
  std::string_view text;
  char32_t last = 0;
};

Ending ending_of(std::string_view text) {
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    std::size_t at = start;
    const char32_t last = text::next_code_point(text, at);
    if (kClosing.find(last) == std::u32string_view::npos) return {text, last};
    text = text.substr(0, start);
  }
  return {};
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

bool is_lower_case(std::string_view text) {
  return !text.empty() && std::islower(static_cast<unsigned char>(text.front())) != 0;
}

bool is_digit(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0;
}

/// Whether the point after `text` belongs to the text and does not end the sentence.
bool has_own_point(std::string_view text, const Word* next, double pause) {
  if (next == nullptr) return false;
  const std::string following = text::valid_utf8(next->word);
  const auto after = text::trim(following);
  if (is_lower_case(after)) return true;
  const std::string plain = lower(text);
  if (std::ranges::find(kAbbreviations, plain) != kAbbreviations.end()) return true;
  if (std::ranges::find(kBeforeNumbers, plain) != kBeforeNumbers.end()) return is_digit(after);
  const bool is_initial = text.size() == 1 && std::isupper(static_cast<unsigned char>(text[0]));
  if (is_initial && text[0] != 'I') return true;
  const bool is_short_number =
      !text.empty() && text.size() <= 2 &&
      std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
  return is_short_number && pause < kOrdinalPause;
}

}  // namespace

Boundary boundary_after(const Word& word, const Word* next) {
  const double pause = next == nullptr ? 0 : next->start - word.end;
  if (pause >= kSentencePause) return Boundary::sentence;
  const std::string valid = text::valid_utf8(word.word);
  const auto [text, last] = ending_of(text::trim(valid));
  if (last == 0) return Boundary::none;
  if (kSentenceEnds.find(last) != std::u32string_view::npos) return Boundary::sentence;
  if (kClauseEnds.find(last) != std::u32string_view::npos) return Boundary::clause;
  if (last != U'.') return Boundary::none;
  // "..." ends a sentence as the single character does, unless the sentence continues.
  return has_own_point(text.substr(0, text.size() - 1), next, pause) ? Boundary::none
                                                                     : Boundary::sentence;
}

std::vector<Word> words_of(const Segment& segment) {
  if (!segment.words.empty()) return segment.words;
  return {{segment.start, segment.end, segment.text, 1, segment.speaker}};
}

}  // namespace steno
