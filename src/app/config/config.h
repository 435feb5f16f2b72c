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
  std::string flag;  ///< as it was given, for messages: "--listen"
  std::string key;   ///< "server.listen"
  std::string text;  ///< its value as a person types it; lists with commas
};

/// What the command line says of the configuration.
struct ConfigFlags {
  std::optional<std::string> file;  ///< --config; else $STENO_CONFIG; else there is no file
  std::vector<ConfigFlag> values;   ///< the last one of a key counts
};

/// One setting, with where its value came from.
struct ConfigEntry {
  std::string name;    ///< "server.listen"
  std::string origin;  ///< "default", "steno.toml:12", "STENO_SERVER_LISTEN" or "--listen"
};

/// The settings, or everything that is wrong with them.
struct Config {
  Settings settings;                 ///< of use only if there are no errors
  std::vector<ConfigEntry> entries;  ///< every key, in the order of the documentation
  std::vector<std::string> errors;   ///< one line each: where, what is wrong, what would be right

  /// The settings, or all errors in one message, a line each.
  Result<Settings> checked() const;
};

/// Reads the configuration: the file, over it the variables, over them the flags. Never fails on
/// the first error: `errors` has them all. Unknown keys and STENO_* variables are errors, too.
/// `environment` is the whole environment of the process.
Config read_config(const ConfigFlags& flags, const std::map<std::string, std::string>& environment);

}  // namespace steno::app
