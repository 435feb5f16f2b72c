#pragma once

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "app/config/config.h"
#include "app/environment.h"

namespace CLI {
class App;
}
namespace steno::sandbox {
class Sandbox;
}

namespace steno::app {

/// The parsed command line of `steno worker`.
struct WorkerCommandSettings {
  ConfigFlags flags;
  std::string name;  ///< empty: a generated name
};

/// Adds the options of `steno worker` to `command`. They fill `settings` during parsing.
void add_worker_command(CLI::App& command, WorkerCommandSettings& settings);

/// The command line that starts a worker of this program with these flags and this name.
std::vector<std::string> worker_command_line(const ConfigFlags& flags, const std::string& name);

/// Runs jobs of the data folder until SIGTERM or SIGINT. Returns the exit status.
int run_worker_command(const WorkerCommandSettings& settings,
                       const std::map<std::string, std::string>& variables,
                       const Environment& environment, const sandbox::Sandbox& sandbox,
                       std::FILE* messages);

}  // namespace steno::app
