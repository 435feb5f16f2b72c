#pragma once

#include <cstdio>
#include <map>
#include <string>

#include "app/config/config.h"
#include "app/environment.h"

namespace CLI {
class App;
}
namespace steno::sandbox {
class Sandbox;
}

namespace steno::app {

/// Adds the options of `steno serve` to `command`. They fill `flags` during parsing.
void add_serve_command(CLI::App& command, ConfigFlags& flags);

/// Runs the service until SIGTERM or SIGINT: HTTP, worker processes, housekeeping. Returns the exit
/// status. Errors that prevent the start go to `messages`, later ones to the log.
int run_serve_command(const ConfigFlags& flags, const std::map<std::string, std::string>& variables,
                      const Environment& environment, const sandbox::Sandbox& sandbox,
                      std::FILE* messages);

}  // namespace steno::app
