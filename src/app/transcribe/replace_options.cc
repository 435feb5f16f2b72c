#include "app/transcribe/replace_options.h"

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

#include "options/option_table.h"

namespace steno::app {
namespace {

constexpr std::string_view kArrow = "=>";

const Option<TranscribeOptions>& replace_row() {
  for (const auto& each : transcribe_option_table()) {
    if (each.type == OptionType::rules) return each;
  }
  throw std::logic_error("no option takes rules");
}

void append(std::vector<ReplaceRule>& rules, Result<std::vector<ReplaceRule>> more) {
  if (!more) throw CLI::ValidationError(more.error().message);
  for (ReplaceRule& rule : *more) rules.push_back(std::move(rule));
  if (const auto good = replace_row().checked(rules); !good) {
    throw CLI::ValidationError(good.error().message);
  }
}

Result<std::vector<ReplaceRule>> one_rule(std::string_view text) {
  auto rule = read_rule(text);
  if (!rule) return tl::unexpected(rule.error());
  return std::vector<ReplaceRule>{*std::move(rule)};
}

Result<std::vector<ReplaceRule>> rules_in_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(Errc::not_found, "the rules in " + path + " cannot be read");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  auto rules = read_rules(text);
  if (!rules) return fail(rules.error().code, path + ": " + rules.error().message);
  return rules;
}

}  // namespace

Result<ReplaceRule> read_rule(std::string_view text) {
  const auto arrow = text.find(kArrow);
  if (arrow == std::string_view::npos || arrow == 0) {
    return fail(Errc::invalid_argument,
                "replace must be PATTERN=>TEXT, not \"" + std::string(text.substr(0, 60)) + "\"");
  }
  return ReplaceRule{std::string(text.substr(0, arrow)),
                     std::string(text.substr(arrow + kArrow.size()))};
}

Result<std::vector<ReplaceRule>> read_rules(std::string_view text) {
  if (text.starts_with('[')) {
    const auto value = replace_row().parsed(text);
    if (!value) return tl::unexpected(value.error());
    return std::get<std::vector<ReplaceRule>>(*value);
  }
  std::vector<ReplaceRule> rules;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    auto rule = read_rule(line);
    auto good =
        rule ? replace_row().checked(std::vector<ReplaceRule>{*rule}) : Result<OptionValue>();
    if (!rule || !good) {
      const Error& error = rule ? good.error() : rule.error();
      return fail(Errc::invalid_argument, "line " + std::to_string(number) + ": " + error.message);
    }
    rules.push_back(*std::move(rule));
  }
  return rules;
}

void add_replace_options(CLI::App& command, std::vector<ReplaceRule>& rules) {
  command
      .add_option_function<std::vector<std::string>>(
          "--replace",
          [&rules](const std::vector<std::string>& texts) {
            for (const auto& text : texts) {
              text == "none" ? rules.clear() : append(rules, one_rule(text));
            }
          },
          replace_row().help +
              ". May be given several times, at most 100 in all; none: no rule. Default: empty")
      ->type_name("PATTERN=>TEXT")
      ->group(replace_row().group)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option_function<std::vector<std::string>>(
          "--replace-file",
          [&rules](const std::vector<std::string>& paths) {
            for (const auto& path : paths) append(rules, rules_in_file(path));
          },
          "A file of such rules, one per line, with # before comments; or the JSON list of the API")
      ->type_name("FILE")
      ->group(replace_row().group)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

}  // namespace steno::app
