#include "app/config/config_command.h"

#include <CLI/CLI.hpp>

#include "app/config/config_options.h"
#include "app/config/config_text.h"
#include "app/exit_status.h"
#include "app/terminal/printable.h"

namespace steno::app {
namespace {

std::string text_of(ConfigSettings::Format format, const Config& config) {
  switch (format) {
    case ConfigSettings::Format::json:
      return config_as_json(config);
    case ConfigSettings::Format::markdown:
      return config_documentation();
    case ConfigSettings::Format::text:
      break;
  }
  return config_as_text(config);
}

void add_format(CLI::App& command, ConfigSettings::Format& format) {
  using Format = ConfigSettings::Format;
  const auto take = [&format](const std::string& word) {
    if (word == "text") {
      format = Format::text;
    } else if (word == "json") {
      format = Format::json;
    } else if (word == "markdown") {
      format = Format::markdown;
    } else {
      throw CLI::ValidationError("--format must be text, json or markdown, not \"" + word + "\"");
    }
  };
  command
      .add_option_function<std::string>(
          "--format", take,
          "text: a configuration file; json; markdown: the documentation of all settings. "
          "Default: text")
      ->type_name("FORMAT")
      ->take_last();
}

}  // namespace

void add_config_command(CLI::App& command, ConfigSettings& settings) {
  using Action = ConfigSettings::Action;
  command.require_subcommand(1);
  CLI::App* const show =
      command.add_subcommand("show", "Print every setting with the source of its value");
  show->parse_complete_callback([&settings] { settings.action = Action::show; });
  add_format(*show, settings.format);
  CLI::App* const check = command.add_subcommand("check", "Print \"ok\", or all errors");
  check->parse_complete_callback([&settings] { settings.action = Action::check; });
  for (CLI::App* const sub : {show, check}) add_config_options(*sub, settings.flags);
}

int run_config_command(const ConfigSettings& settings,
                       const std::map<std::string, std::string>& environment,
                       StandardOutput& output, std::FILE* messages) {
  const Config config = read_config(settings.flags, environment);
  if (settings.action == ConfigSettings::Action::show) {
    output.write(text_of(settings.format, config));
  } else if (config.errors.empty()) {
    output.write("ok\n");
  }
  for (const std::string& error : config.errors) {
    std::fprintf(messages, "steno: %s\n", printable(error).c_str());
  }
  if (output.state() == OutputState::failed) {
    std::fprintf(messages, "steno: %s\n", output.failure().c_str());
    return kSomeFailed;
  }
  return config.errors.empty() ? kDone : kWrongUsage;
}

}  // namespace steno::app
