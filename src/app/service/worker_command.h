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

namespace steno::app {

/// What the command line of `steno worker` asks for.
struct WorkerCommandSettings {
  ConfigFlags flags;
  std::string name;  ///< empty: one of its own
};

/// Describes `steno worker` to `command`, which fills `settings` when it parses.
void add_worker_command(CLI::App& command, WorkerCommandSettings& settings);

/// The command line of a worker with these flags and this name, started from this program.
std::vector<std::string> worker_command_line(const ConfigFlags& flags, const std::string& name);

/// Works on the jobs of the data folder until SIGTERM or SIGINT. Returns the exit status.
int run_worker_command(const WorkerCommandSettings& settings,
                       const std::map<std::string, std::string>& variables,
                       const Environment& environment, std::FILE* messages);

}  // namespace steno::app
