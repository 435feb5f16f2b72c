#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config/config_table.h"
#include "base/result.h"

namespace steno::app {

/// One value of a configuration file.
struct FileValue {
  std::string key;  ///< the names of its tables and its own, with dots
  int line = 0;
  std::optional<ConfigValue> value;  ///< none: a table, a date, a list of lists
  std::string shown;                 ///< as it is written, for messages
};

/// Every value of a TOML file, and every table that is empty, by their lines. Fails with not_found,
/// io, or invalid_argument with FILE:LINE where the file is not TOML.
Result<std::vector<FileValue>> read_config_file(const std::string& path);

}  // namespace steno::app
