#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/config/settings.h"
#include "base/result.h"

namespace steno::app {

/// A setting given on the command line.
struct ConfigFlag {
  std::string flag;  ///< as it was written, for error messages: "--listen"
  std::string key;   ///< "server.listen"
  std::string text;  ///< its value as the user typed it; lists with commas
};

/// The configuration options on the command line.
struct ConfigFlags {
  std::optional<std::string> file;  ///< --config; otherwise $STENO_CONFIG; otherwise no file
  std::vector<ConfigFlag> values;   ///< the last one of a key counts
};

/// One setting and the source of its value.
struct ConfigEntry {
  std::string name;    ///< "server.listen"
  std::string origin;  ///< "default", "steno.toml:12", "STENO_SERVER_LISTEN" or "--listen"
};

/// The settings, or all errors in them.
struct Config {
  Settings settings;                 ///< valid only if there are no errors
  std::vector<ConfigEntry> entries;  ///< every key, in the order of the documentation
  std::vector<std::string> errors;   ///< one line each: the place, the error, and what is allowed

  /// The settings, or all errors in one message with one line each.
  Result<Settings> checked() const;
};

/// Reads the configuration. The file overrides defaults, variables override the file, flags
/// override variables. `errors` contains all errors, not only the first. Unknown keys and STENO_*
/// variables are errors too. `environment` is the whole environment of the process.
Config read_config(const ConfigFlags& flags, const std::map<std::string, std::string>& environment);

}  // namespace steno::app
