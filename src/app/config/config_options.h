#pragma once

#include "app/config/config.h"

namespace CLI {
class App;
}

namespace steno::app {

/// Adds the options that all commands with a configuration share: --config, --data-dir, --listen,
/// --workers, --log-level and --set KEY=VALUE. They fill `flags` during parsing. The named options
/// override --set. `flags` must outlive `command`.
void add_config_options(CLI::App& command, ConfigFlags& flags);

}  // namespace steno::app
