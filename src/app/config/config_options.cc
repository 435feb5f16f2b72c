#include "app/config/config_options.h"

#include <CLI/CLI.hpp>

namespace steno::app {
namespace {

constexpr const char* kGroup = "Configuration";

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
  return text;
}

// Adds an option that may be repeated, each time with one value.
void add_repeated(CLI::App& command, const std::string& option, const std::string& value_name,
                  const std::string& help,
                  const std::function<void(const std::vector<std::string>&)>& take) {
  command.add_option_function<std::vector<std::string>>(option, take, help)
      ->type_name(value_name)
      ->allow_extra_args(false)
      ->group(kGroup);
}

void add_named(CLI::App& command, ConfigFlags& flags, const std::string& option,
               const std::string& key, const std::string& value_name, const std::string& help) {
  command
      .add_option_function<std::string>(
          option,
          [&flags, option, key](const std::string& text) {
            flags.values.push_back({option, key, text});
          },
          help)
      ->type_name(value_name)
      ->take_last()
      ->group(kGroup);
}

void take_pairs(ConfigFlags& flags, const std::vector<std::string>& pairs) {
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos) {
      throw CLI::ValidationError("--set must be KEY=VALUE, such as server.threads=2, not \"" +
                                 pair + "\"");
    }
    flags.values.push_back({"--set", pair.substr(0, equals), pair.substr(equals + 1)});
  }
}

}  // namespace

void add_config_options(CLI::App& command, ConfigFlags& flags) {
  command
      .add_option_function<std::string>(
          "--config", [&flags](const std::string& file) { flags.file = file; },
          "Configuration file (TOML). Default: $STENO_CONFIG, or none")
      ->type_name("FILE")
      ->take_last()
      ->group(kGroup);
  // The parser calls back in this order. --set comes first, so that the named options override it.
  add_repeated(command, "--set", "KEY=VALUE",
               "Any setting of `steno config show`, such as server.threads=2; lists with commas",
               [&flags](const auto& pairs) { take_pairs(flags, pairs); });
  add_named(command, flags, "--data-dir", "data_dir", "DIR",
            "Folder of the database, the audio and the results");
  add_repeated(command, "--listen", "HOST:PORT", "Address to listen on; may be given again",
               [&flags](const auto& addresses) {
                 flags.values.push_back({"--listen", "server.listen", joined(addresses)});
               });
  add_named(command, flags, "--workers", "worker.count", "N", "Worker processes to start");
  add_named(command, flags, "--log-level", "log.level", "LEVEL",
            "What to log: debug, info, warning or error");
}

}  // namespace steno::app
