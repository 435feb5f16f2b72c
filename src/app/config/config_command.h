#pragma once

#include <cstdio>
#include <map>
#include <string>

#include "app/config/config.h"
#include "app/terminal/standard_output.h"

namespace CLI {
class App;
}

namespace steno::app {

/// The parsed command line of `steno config`.
struct ConfigSettings {
  enum class Action { show, check };
  enum class Format { text, json, markdown };
  Action action = Action::show;
  Format format = Format::text;
  ConfigFlags flags = {};
};

/// Adds the sub-commands of `steno config` to `command`. They fill `settings` during parsing.
/// `settings` must outlive `command`.
void add_config_command(CLI::App& command, ConfigSettings& settings);

/// Prints the settings, or checks them. Writes one line per error to `messages`. The exit status is
/// 2 if there are errors.
int run_config_command(const ConfigSettings& settings,
                       const std::map<std::string, std::string>& environment,
                       StandardOutput& output, std::FILE* messages);

}  // namespace steno::app
