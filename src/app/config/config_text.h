#pragma once

#include <string>

#include "app/config/config.h"
#include "app/config/config_table.h"

namespace steno::app {

/// Every setting a line, with its origin as a comment: a configuration file that gives the same
/// settings.
std::string config_as_text(const Config& config);
/// An object of name -> {value, origin}.
std::string config_as_json(const Config& config);
/// docs/configuration.md: what there is, whatever `config` says.
std::string config_documentation();

/// A value as TOML writes it, or asterisks in place of a secret that is set.
std::string shown_value(const ConfigKey& row, const Settings& settings);

}  // namespace steno::app
