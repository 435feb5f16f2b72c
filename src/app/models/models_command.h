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

/// The parsed command line of `steno models`.
struct ModelsSettings {
  enum class Action { list, pull, path, remove, convert };
  Action action = Action::list;
  std::vector<std::string> models;  ///< names or owner/repo; for path and convert also folders
  std::string revision = "main";    ///< revision of pulled models
  bool quiet = false;               ///< pull and convert report no progress
};

/// Adds the sub-commands of `steno models` to `command`. They fill `settings` during parsing.
/// `settings` must outlive `command`.
void add_models_options(CLI::App& command, ModelsSettings& settings);

/// Runs the action for each model. Returns the exit status: 0, 1 if it failed for some models, or
/// 130 if `stop` was requested. Lists and paths go to `output`, everything else to `messages`.
/// Models are pulled from `hub`.
int run_models_command(const ModelsSettings& settings, const models::Library& library,
                       const models::PullOptions& hub, StandardOutput& output, std::FILE* messages,
                       std::stop_token stop);

/// The text of `steno models list`: installed models, and models of the catalogue that can be
/// pulled.
std::string model_list(const models::Library& library);

}  // namespace steno::app
