#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config/settings.h"
#include "base/result.h"

namespace steno::app {

/// A setting's value in the form shared by file, variables and flags.
using ConfigValue = std::variant<bool, double, std::string, std::vector<std::string>>;

/// The kind of a value. `numbers` is a list whose items are displayed as numbers.
enum class ConfigKind { flag, number, text, list, numbers };

/// Whether a value may be displayed.
enum class Secrecy { open, secret };

/// One row of the table of settings. File, variables, flags, help and documentation derive from it.
struct ConfigKey {
  std::string name;     ///< "server.listen"
  std::string help;     ///< one sentence without range and default
  std::string allowed;  ///< description, such as "a whole number from 1 to 100"
  std::string usual;    ///< description of a default that depends on the machine; otherwise empty
  ConfigKind kind = ConfigKind::text;
  Secrecy secrecy = Secrecy::open;
  std::function<ConfigValue(const Settings&)> get;
  /// Stores a value. Returns false and stores nothing if the value is not allowed.
  std::function<bool(Settings&, const ConfigValue&)> put;

  /// The variable that sets it, such as "STENO_SERVER_LISTEN".
  std::string variable() const;
  /// Stores a value. The error names the setting and the allowed values. A list also accepts a
  /// single item.
  Result<void> set(Settings& settings, const ConfigValue& value) const;
  /// As set(), with a value as a user types it: true or false, a number, text, or items with
  /// commas.
  Result<void> set_text(Settings& settings, std::string_view text) const;
  /// The error message for a value that is not allowed. `shown` is omitted for a secret.
  std::string complaint(const std::string& shown) const;
};

/// All settings in the order of the documentation. Built once, read-only afterwards.
const std::vector<ConfigKey>& config_table();

/// The row of that name, or null.
const ConfigKey* find_config_key(std::string_view name);

/// Formats a value as `set_text` reads it.
std::string config_text(const ConfigValue& value);

/// Formats a number in digits. Whole numbers have no exponent.
std::string config_number(double number);

}  // namespace steno::app
