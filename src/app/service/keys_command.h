#pragma once

#include <cstdio>
#include <map>
#include <string>

#include "app/config/config.h"
#include "app/terminal/standard_output.h"

namespace CLI {
class App;
}

namespace steno::app {

/// The command line of `steno keys`.
struct KeysSettings {
  enum class Action { create, list, revoke, rotate };
  Action action = Action::list;
  ConfigFlags flags;
  std::string name;                    ///< of a new key
  std::string owner;                   ///< of a new key; empty: a new owner
  std::string scopes = "submit,read";  ///< of a new key
  double expires_days = 0;             ///< of a new key; 0: never
  std::string key;                     ///< which one is revoked or rotated: id, prefix or name
  double grace_s = 86'400;             ///< how long a rotated key still works
};

/// Describes the sub-commands of `steno keys` to `command`, which fills `settings` when it parses.
/// `settings` must outlive `command`.
void add_keys_command(CLI::App& command, KeysSettings& settings);

/// Works on the database of the data folder, whether the service runs or not. A new key goes to
/// `output`, alone; all else to `messages`. Returns the exit status.
int run_keys_command(const KeysSettings& settings,
                     const std::map<std::string, std::string>& environment, StandardOutput& output,
                     std::FILE* messages);

}  // namespace steno::app
