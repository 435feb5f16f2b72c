#pragma once

#include <cstdio>
#include <stop_token>
#include <string>
#include <vector>

#include "app/terminal/standard_output.h"
#include "models/models.h"

namespace CLI {
class App;
}

namespace steno::app {

/// What the command line of `steno models` asks for.
struct ModelsSettings {
  enum class Action { list, pull, path, remove, convert };
  Action action = Action::list;
  std::vector<std::string> models;  ///< names, owner/repo; for path and convert folders, too
  std::string revision = "main";    ///< of what is pulled
  bool quiet = false;               ///< pull and convert say nothing of how far they are
};

/// Describes the sub-commands of `steno models` to `command`, which fills `settings` when it
/// parses. `settings` must outlive `command`.
void add_models_options(CLI::App& command, ModelsSettings& settings);

/// Runs the action for each of the models and returns the exit status: 0, 1 where it failed for
/// some of them, 130 when `stop` was requested. Lists and paths go to `output`, all else to
/// `messages`. `hub` says where models are pulled from.
int run_models_command(const ModelsSettings& settings, const models::Library& library,
                       const models::PullOptions& hub, StandardOutput& output, std::FILE* messages,
                       std::stop_token stop);

/// The text of `steno models list`: what is installed, and what of the catalogue can be pulled.
std::string model_list(const models::Library& library);

}  // namespace steno::app
