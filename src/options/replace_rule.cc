#include "options/replace_rule.h"

#include <algorithm>
#include <string>

#include "transcript/text.h"

namespace steno {
namespace {

constexpr int kLongest = 1000;         // characters
constexpr int kLargestProgram = 4000;  // RE2's instructions: bounds the time for each character
constexpr int64_t kMostMemory = int64_t{4} << 20;

/// The position of the character that RE2 reports as invalid, counted from 1. RE2 reports a
/// fragment, or the whole pattern if something is missing at its end.
int position_of(const std::string& pattern, const std::string& piece) {
  const std::size_t at = piece == pattern ? pattern.size() : pattern.find(piece);
  return text::length(std::string_view(pattern).substr(0, std::min(at, pattern.size()))) + 1;
}

tl::unexpected<Error> refused(const std::string& why) { return fail(Errc::invalid_argument, why); }

}  // namespace

RE2::Options rule_regex_options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostMemory);
  return options;
}

Result<void> check_rule(const ReplaceRule& rule) {
  const auto too_long = [](const std::string& what) {
    return refused(what + " must be at most " + std::to_string(kLongest) + " characters");
  };
  if (rule.pattern.empty()) return refused("pattern must not be empty");
  if (text::length(rule.pattern) > kLongest) return too_long("pattern");
  if (text::length(rule.replacement) > kLongest) return too_long("replacement");
  const RE2 regex(rule.pattern, rule_regex_options());
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

}  // namespace steno
