#pragma once

#include "app/config/config.h"

namespace CLI {
class App;
}

namespace steno::app {

/// Describes the options that every command over the configuration shares to `command`: --config,
/// --data-dir, --listen, --workers, --log-level and --set KEY=VALUE. They fill `flags` when it
/// parses. The named ones go over --set. `flags` must outlive `command`.
void add_config_options(CLI::App& command, ConfigFlags& flags);

}  // namespace steno::app
