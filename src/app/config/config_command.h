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

/// What the command line of `steno config` asks for.
struct ConfigSettings {
  enum class Action { show, check };
  enum class Format { text, json, markdown };
  Action action = Action::show;
  Format format = Format::text;
  ConfigFlags flags = {};
};

/// Describes the sub-commands of `steno config` to `command`, which fills `settings` when it
/// parses. `settings` must outlive `command`.
void add_config_command(CLI::App& command, ConfigSettings& settings);

/// Prints the settings, or whether they are right. Every error is a line on `messages`; the exit
/// status is 2 then.
int run_config_command(const ConfigSettings& settings,
                       const std::map<std::string, std::string>& environment,
                       StandardOutput& output, std::FILE* messages);

}  // namespace steno::app
