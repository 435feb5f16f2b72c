#include "pipeline/postprocess/replace.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "pipeline/postprocess/running_text.h"
#include "transcript/text.h"

namespace steno::postprocess {
namespace {

constexpr int kLongest = 1000;         // characters
constexpr int kLargestProgram = 4000;  // RE2's instructions: bounds the time for each character
constexpr int64_t kMostMemory = int64_t{4} << 20;
constexpr int kMostGroups = 10;  // \0 to \9
// The text may grow to so many times its size, and so many bytes more.
constexpr std::size_t kMostGrowth = 4;
constexpr std::size_t kRoomToGrow = 64 * 1024;

RE2::Options regex_options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostMemory);
  return options;
}

/// Which character of the pattern RE2 complains of, counted from 1. It names a piece, which is all
/// of the pattern where something is missing at its end.
int position_of(const std::string& pattern, const std::string& piece) {
  const std::size_t at = piece == pattern ? pattern.size() : pattern.find(piece);
  return text::length(std::string_view(pattern).substr(0, std::min(at, pattern.size()))) + 1;
}

tl::unexpected<Error> refused(const std::string& why) { return fail(Errc::invalid_argument, why); }

/// The matches of `regex` in `text` that are not empty, as edits; nothing if they make it too long.
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

/// Without what would break a line or is no text.
std::string plain(const std::string& text) { return text::one_line(text); }

}  // namespace

Result<void> check_rule(const ReplaceRule& rule) {
  const auto too_long = [](const std::string& what) {
    return refused(what + " must be at most " + std::to_string(kLongest) + " characters");
  };
  if (rule.pattern.empty()) return refused("pattern must not be empty");
  if (text::length(rule.pattern) > kLongest) return too_long("pattern");
  if (text::length(rule.replacement) > kLongest) return too_long("replacement");
  const RE2 regex(rule.pattern, regex_options());
  if (!regex.ok()) {
    if (regex.error_code() == RE2::ErrorPatternTooLarge) return refused("pattern is too large");
    return refused("pattern: at character " +
                   std::to_string(position_of(rule.pattern, regex.error_arg())) + ", " +
                   regex.error());
  }
  if (regex.ProgramSize() > kLargestProgram) return refused("pattern is too large");
  std::string error;
  if (!regex.CheckRewriteString(rule.replacement, &error)) {
    return refused("replacement: " + error);
  }
  return {};
}

Transcript replaced(Transcript transcript, const std::vector<ReplaceRule>& rules) {
  int number = 0;
  for (const ReplaceRule& rule : rules) {
    const std::string name = "replace[" + std::to_string(number++) + "]";
    if (const auto good = check_rule(rule); !good) {
      transcript.warnings.push_back(name + " is left out: " + good.error().message);
      continue;
    }
    const RE2 regex(rule.pattern, regex_options());
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
