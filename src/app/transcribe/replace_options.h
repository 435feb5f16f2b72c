#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "options/options.h"

namespace CLI {
class App;
}

namespace steno::app {

/// Adds the repeatable options --replace PATTERN=>TEXT and --replace-file FILE. Their rules are
/// appended in order to `rules`, which must outlive `command`.
void add_replace_options(CLI::App& command, std::vector<ReplaceRule>& rules);

/// Parses "PATTERN=>TEXT", divided at the first "=>". Fails with invalid_argument.
Result<ReplaceRule> read_rule(std::string_view text);

/// Parses a file of rules: one rule per line, without empty lines and lines that start with #. A
/// file that starts with [ is parsed as the API's JSON. Fails with invalid_argument and the line.
Result<std::vector<ReplaceRule>> read_rules(std::string_view text);

}  // namespace steno::app
