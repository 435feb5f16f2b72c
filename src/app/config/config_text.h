#pragma once

#include <string>

#include "app/config/config.h"
#include "app/config/config_table.h"

namespace steno::app {

/// All settings, one per line, with their origins as comments. The text is a configuration file
/// that gives the same settings.
std::string config_as_text(const Config& config);
/// An object of name -> {value, origin}.
std::string config_as_json(const Config& config);
/// The content of docs/configuration.md. It does not depend on the actual values.
std::string config_documentation();

/// A value in TOML. A non-empty secret is replaced by asterisks.
std::string shown_value(const ConfigKey& row, const Settings& settings);

}  // namespace steno::app
