#include "pipeline/postprocess/replace.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "options/replace_rule.h"
#include "pipeline/postprocess/running_text.h"
#include "transcript/text.h"

namespace steno::postprocess {
namespace {

constexpr int kMostGroups = 10;  // \0 to \9
// The limit of the text's growth: a factor of its size, plus a number of bytes.
constexpr std::size_t kMostGrowth = 4;
constexpr std::size_t kRoomToGrow = 64 * 1024;

/// The non-empty matches of `regex` in `text` as edits; none if they make the text too long.
std::optional<std::vector<Edit>> matches(const RE2& regex, const std::string& replacement,
                                         const std::string& text) {
  const std::size_t most = text.size() * kMostGrowth + kRoomToGrow;
  std::size_t grown = text.size();
  std::vector<Edit> edits;
  std::array<re2::StringPiece, kMostGroups> groups;
  const int count = std::min(kMostGroups, 1 + regex.NumberOfCapturingGroups());
  for (std::size_t from = 0; from < text.size();) {
    if (!regex.Match(text, from, text.size(), RE2::UNANCHORED, groups.data(), count)) break;
    const auto begin = static_cast<std::size_t>(groups[0].data() - text.data());
    if (groups[0].empty()) {
      from = begin;
      if (from < text.size()) text::next_code_point(text, from);
      continue;
    }
    Edit edit{begin, begin + groups[0].size(), ""};
    regex.Rewrite(&edit.text, replacement, groups.data(), count);
    from = edit.end;
    grown += edit.text.size();
    if (grown > most) return std::nullopt;
    edits.push_back(std::move(edit));
  }
  return edits;
}

/// Removes line breaks and control characters.
std::string plain(const std::string& text) { return text::one_line(text); }

}  // namespace

Transcript replaced(Transcript transcript, const std::vector<ReplaceRule>& rules) {
  int number = 0;
  for (const ReplaceRule& rule : rules) {
    const std::string name = "replace[" + std::to_string(number++) + "]";
    if (const auto good = check_rule(rule); !good) {
      transcript.warnings.push_back(name + " is left out: " + good.error().message);
      continue;
    }
    const RE2 regex(rule.pattern, rule_regex_options());
    bool is_too_much = false;
    transcript = edited(std::move(transcript), [&](const std::string& text) {
      auto edits = matches(regex, plain(rule.replacement), text);
      if (!edits) is_too_much = true;
      return edits ? *std::move(edits) : std::vector<Edit>();
    });
    if (is_too_much) {
      transcript.warnings.push_back(name + " is left out: the text would become too long");
    }
  }
  return transcript;
}

}  // namespace steno::postprocess
