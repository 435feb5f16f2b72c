#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "options/options.h"

namespace CLI {
class App;
}

namespace steno::app {

/// Adds --replace PATTERN=>TEXT and --replace-file FILE, both as often as wanted; their rules are
/// appended to `rules` in the order given, which outlives `command`.
void add_replace_options(CLI::App& command, std::vector<ReplaceRule>& rules);

/// "PATTERN=>TEXT": the first "=>" separates. Fails with invalid_argument.
Result<ReplaceRule> read_rule(std::string_view text);

/// A file of rules: a line each, empty lines and those that start with # aside; or, when it starts
/// with [, the JSON that the API takes. Fails with invalid_argument, with the line.
Result<std::vector<ReplaceRule>> read_rules(std::string_view text);

}  // namespace steno::app
