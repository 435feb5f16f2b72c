#pragma once

#include <cstdio>
#include <map>
#include <string>

#include "app/config/config.h"
#include "app/environment.h"
#include "app/terminal/standard_output.h"

namespace CLI {
class App;
}
namespace steno::sandbox {
class Sandbox;
}

namespace steno::app {

/// The parsed command line of `steno migrate`, `backup`, `drain` or `doctor`.
struct MaintenanceSettings {
  enum class Action { migrate, backup, drain, doctor };
  Action action = Action::doctor;
  ConfigFlags flags;
  std::string file;    ///< destination of the backup
  double wait_s = 60;  ///< how long drain waits for the service to end
};

/// Adds the four commands to the program. They fill `settings`, which must outlive `program`.
void add_maintenance_commands(CLI::App& program, MaintenanceSettings& settings);

/// Runs one of the commands and returns the exit status.
int run_maintenance_command(const MaintenanceSettings& settings,
                            const std::map<std::string, std::string>& variables,
                            const Environment& environment, const sandbox::Sandbox& sandbox,
                            StandardOutput& output, std::FILE* messages);

}  // namespace steno::app
