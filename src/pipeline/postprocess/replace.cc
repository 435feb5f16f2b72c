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
// The limit of the text's growth by all rules: a factor of its size, plus a number of bytes.
constexpr std::size_t kMostGrowth = 4;
constexpr std::size_t kRoomToGrow = 64 * 1024;

std::size_t size_of(const Transcript& transcript) {
  std::size_t size = 0;
  for (const Segment& segment : transcript.segments) size += segment.text.size();
  return size;
}

/// The non-empty matches of `regex` in `text` as edits; none if they add more than `room` bytes to
/// the text, or if `stop` is requested.
std::optional<std::vector<Edit>> matches(const RE2& regex, const std::string& replacement,
                                         const std::string& text, std::size_t room,
                                         const std::stop_token& stop) {
  std::size_t added = 0;
  std::size_t removed = 0;
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
    added += edit.text.size();
    removed += groups[0].size();
    if (added > removed + room || stop.stop_requested()) return std::nullopt;
    edits.push_back(std::move(edit));
  }
  return edits;
}

/// Removes line breaks and control characters.
std::string plain(const std::string& text) { return text::one_line(text); }

}  // namespace

Transcript replaced(Transcript transcript, const std::vector<ReplaceRule>& rules,
                    const std::stop_token& stop) {
  const std::size_t most = size_of(transcript) * kMostGrowth + kRoomToGrow;
  int number = 0;
  for (const ReplaceRule& rule : rules) {
    if (stop.stop_requested()) break;
    const std::string name = "replace[" + std::to_string(number++) + "]";
    if (const auto good = check_rule(rule); !good) {
      transcript.warnings.push_back(name + " is left out: " + good.error().message);
      continue;
    }
    const RE2 regex(rule.pattern, rule_regex_options());
    const std::string replacement = plain(rule.replacement);
    const std::size_t size = size_of(transcript);
    std::size_t room = most - std::min(most, size);
    bool is_too_much = false;
    transcript = edited(std::move(transcript), [&](const std::string& text) {
      auto edits = matches(regex, replacement, text, room, stop);
      if (!edits) is_too_much = true;
      for (const Edit& edit : edits.value_or(std::vector<Edit>())) {
        room -= std::min(room, edit.text.size());
      }
      return edits ? *std::move(edits) : std::vector<Edit>();
    });
    if (is_too_much && !stop.stop_requested()) {
      transcript.warnings.push_back(name + " is left out: the text would become too long");
    }
  }
  return transcript;
}

}  // namespace steno::postprocess
