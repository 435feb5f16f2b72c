#include "pipeline/postprocess/fillers.h"

#include <re2/re2.h>
#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/postprocess/running_text.h"
#include "transcript/text.h"

namespace steno::postprocess {
namespace {

struct Fillers {
  std::string_view language;
  const char* sounds;  // RE2, whole words
};

// The list must not contain words of the language, such as German and Portuguese "um", Dutch "er",
// Japanese "ええ" and English "mm-hmm" (both mean yes).
constexpr std::array<Fillers, 17> kFillers = {{
    {"en", "[Uu]+h*m+|[Uu]+h+|[Ee]rm+|[Ee]r"},
    {"de", "[Ää]+h*m+|[Ää]+h+|[Öö]hm+|[Ee]hm+"},
    {"fr", "[Ee]uh+m*|[Hh]eu+"},
    {"es", "[Ee]hm+|[Ee]mm+|[Ee]eh+"},
    {"it", "[Ee]hm+|[Uu]hm+"},
    {"pt", "[Ee]hm+|[Uu]hm+|[Ãã]h+|[Ãã]{2,}"},
    {"nl", "[Ee]+hm*|[Uu]+hm*|[Ee]uhm*"},
    {"sv", "[Öö]+hm*|[Ee]hm+|[Ää]hm+"},
    {"da", "[Øø]+hm*|[Ee]hm+"},
    {"no", "[Øø]+hm*|[Ee]hm+"},
    {"fi", "[Öö]+hm*|[Ää]hm+"},
    {"pl", "[Yy]{2,}|[Ee]{3,}|[Yy]hm+"},
    {"ru", "[Ээ]{2,}|[Ээ]м+"},
    {"tr", "ı{2,}|e{3,}"},
    {"he", "אה+|אהמ+|אמ{2,}"},
    {"ja",
     "え[ー〜]+(?:っ?と[ー〜]?)?|ええっ?と[ー〜]?|えっと[ー〜]?|あの[ー〜]+|うー?んと[ー〜]?"},
    {"zh", "呃+"},
}};

const Fillers* fillers_of(std::string_view language) {
  const auto found = std::ranges::find(kFillers, language, &Fillers::language);
  return found == kFillers.end() ? nullptr : &*found;
}

/// An edit that capitalises the character at `at`, if it has a different capital.
std::optional<Edit> capital_at(const std::string& text, std::size_t at) {
  std::size_t end = at;
  if (at >= text.size()) return std::nullopt;
  const char32_t point = text::next_code_point(text, end);
  const auto upper = utf8proc_toupper(static_cast<utf8proc_int32_t>(point));
  if (static_cast<char32_t>(upper) == point) return std::nullopt;
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto size = utf8proc_encode_char(upper, bytes.data());
  return Edit{at, end, std::string(bytes.begin(), bytes.begin() + size)};
}

bool is_capital(std::string_view text) {
  std::size_t at = 0;
  const auto first = static_cast<utf8proc_int32_t>(text::next_code_point(text, at));
  return utf8proc_tolower(first) != first;
}

/// The groups of a match of one or more fillers.
enum Part { kAll, kBefore, kSounds, kComma, kEnd, kBehind, kParts };

std::string pattern_of(const Fillers& fillers) {
  const std::string sound = "(?:" + std::string(fillers.sounds) + ")";
  return "(^|[\\s,、，;]+|[.!?…。！？]\\s*)"  // before
         "(" +
         sound + "(?:(?:[,、，…]+\\s*|\\s+)" + sound +
         ")*)"  // sounds
         "((?:[,、，…—–]|\\.{2,})*)([.。]?)(\\s|$|\\pL)";
}

class Finder {
 public:
  explicit Finder(const Fillers& fillers) : regex_(pattern_of(fillers)) {}

  std::vector<Edit> operator()(const std::string& text) const {
    std::vector<Edit> edits;
    std::array<re2::StringPiece, kParts> found;
    for (std::size_t from = 0; from < text.size();) {
      if (!regex_.Match(text, from, text.size(), RE2::UNANCHORED, found.data(), kParts)) break;
      const auto place = [&](Part part) {
        return static_cast<std::size_t>(found[part].data() - text.data());
      };
      // A letter directly after the match makes it part of a longer word, unless punctuation
      // separates them.
      const bool is_word = found[kBehind].empty() || text[place(kBehind)] == ' ' ||
                           !found[kComma].empty() || !found[kEnd].empty();
      if (is_word) append(text, found, place, edits);
      from = std::max(place(is_word ? kBehind : kComma), from + 1);
    }
    return edits;
  }

 private:
  template <class Found, class Place>
  static void append(const std::string& text, const Found& found, const Place& place,
                     std::vector<Edit>& edits) {
    const std::string before(found[kBefore]);
    const bool ends_sentence = !found[kEnd].empty();
    const bool starts_sentence = place(kBefore) == 0 || is_sentence_end(before);
    std::size_t begin = place(kBefore);
    // The comma before the filler has no purpose if the sentence ends after it.
    if (starts_sentence || !ends_sentence) begin += before.find_last_not_of(' ') + 1;
    edits.push_back({begin, place(starts_sentence ? kBehind : kEnd), ""});
    if (!starts_sentence || !is_capital(std::string(found[kSounds]))) return;
    const std::size_t next = text.find_first_not_of(' ', place(kBehind));
    if (auto capital = capital_at(text, next)) edits.push_back(*std::move(capital));
  }

  static bool is_sentence_end(std::string_view before) {
    std::size_t at = 0;
    const char32_t first = before.empty() ? 0 : text::next_code_point(before, at);
    return std::u32string_view(U".!?…。！？").find(first) != std::u32string_view::npos;
  }

  RE2 regex_;
};

}  // namespace

Transcript without_fillers(Transcript transcript) {
  const Fillers* fillers = fillers_of(transcript.language);
  if (fillers == nullptr) return transcript;
  const Finder finder(*fillers);
  return edited(std::move(transcript), std::cref(finder));
}

}  // namespace steno::postprocess
