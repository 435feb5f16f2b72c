#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config/settings.h"
#include "base/result.h"

namespace steno::app {

/// A setting's value in the form that file, variables and flags share.
using ConfigValue = std::variant<bool, double, std::string, std::vector<std::string>>;

/// Which of them it is; `numbers` is a list whose items are shown as numbers.
enum class ConfigKind { flag, number, text, list, numbers };

/// Whether a value may be seen.
enum class Secrecy { open, secret };

/// One row of the table of settings; file, variables, flags, help and documentation come from it.
struct ConfigKey {
  std::string name;     ///< "server.listen"
  std::string help;     ///< one sentence without range and default
  std::string allowed;  ///< in words: "a whole number from 1 to 100"
  std::string usual;    ///< the default in words where it depends on the machine; else empty
  ConfigKind kind = ConfigKind::text;
  Secrecy secrecy = Secrecy::open;
  std::function<ConfigValue(const Settings&)> get;
  /// Stores a value; false, and nothing stored, if it is not what is allowed.
  std::function<bool(Settings&, const ConfigValue&)> put;

  /// The variable that sets it: "STENO_SERVER_LISTEN".
  std::string variable() const;
  /// Stores a value, or says with the setting's name what would be right. A list takes one item,
  /// too.
  Result<void> set(Settings& settings, const ConfigValue& value) const;
  /// The same with a value as a person types it: true or false, a number, text, items with commas.
  Result<void> set_text(Settings& settings, std::string_view text) const;
  /// What to say of a value that is not allowed; `shown` is left out where it is a secret.
  std::string complaint(const std::string& shown) const;
};

/// Every setting, in the order of the documentation. Built once, then only read.
const std::vector<ConfigKey>& config_table();

/// The row of that name, or null.
const ConfigKey* find_config_key(std::string_view name);

/// A value as `set_text` reads it.
std::string config_text(const ConfigValue& value);

/// A number in digits, without an exponent where it is whole.
std::string config_number(double number);

}  // namespace steno::app
