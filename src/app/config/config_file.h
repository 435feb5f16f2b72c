#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config/config_table.h"
#include "base/result.h"

namespace steno::app {

/// One value of a configuration file.
struct FileValue {
  std::string key;  ///< names of its tables and its own name, separated by dots
  int line = 0;
  std::optional<ConfigValue> value;  ///< none: a table, a date, or a list of lists
  std::string shown;                 ///< as it is written in the file, for error messages
};

/// Reads every value of a TOML file, and every empty table, with their lines. Fails with not_found,
/// io, or, if the file is not TOML, invalid_argument with FILE:LINE.
Result<std::vector<FileValue>> read_config_file(const std::string& path);

}  // namespace steno::app
