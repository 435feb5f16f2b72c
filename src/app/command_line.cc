#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <sstream>

#include "app/arguments.h"
#include "app/exit_status.h"
#include "app/service/serve_command.h"
#include "app/terminal/help_formatter.h"
#include "app/terminal/printable.h"
#include "base/nearest.h"

namespace steno::app {
namespace {

constexpr const char* kDescription =
    "Steno transcribes recordings. `steno FILE` is short for `steno transcribe FILE`.\n"
    "Exit status: 0 success, 1 some file failed, 2 usage error, 130 interrupted.";

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

// The innermost command on the command line: `steno`, `steno models` or `steno models pull`.
const CLI::App& named_last(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : named_last(*commands.front());
}

std::string full_name(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return app.get_name() + (commands.empty() ? "" : " " + full_name(*commands.front()));
}

// The error in one line: the parser's message, unless an option or a command is unknown.
std::string complaint_about(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = named_last(app);
  const auto commands = command_names(command);
  const auto left = app.remaining(true);
  const auto option = std::ranges::find_if(
      left, [](const std::string& word) { return word.starts_with('-') && word.size() > 1; });
  if (!commands.empty()) {
    if (left.empty()) return "a command is missing";
    if (option != left.begin()) {
      return "no command is called \"" + left.front() + "\"" + did_you_mean(left.front(), commands);
    }
  }
  if (option == left.end()) return error.what();
  const std::string name = option->substr(0, option->find('='));
  std::vector<std::string> names;
  for (const CLI::Option* known : command.get_options()) {
    for (const std::string& known_name : known->get_lnames()) names.push_back("--" + known_name);
  }
  return "no option is called " + name + did_you_mean(name, names);
}

std::string usage_error(const CLI::App& app, const std::string& message) {
  return "steno: " + printable(message) + "\nTry " + full_name(app) + " --help.\n";
}

/// Adds the command that a short form leaves out: `steno FILE`, `steno help [COMMAND]`, `steno
/// version`.
std::vector<const char*> with_command(std::span<const char* const> arguments, const CLI::App& app) {
  std::vector<const char*> words(arguments.begin(), arguments.end());
  if (words.empty()) return words;
  const auto names = command_names(app);
  const auto is_command = [&](const char* word) {
    return std::ranges::find(names, word) != names.end();
  };
  const std::string first = words.front();
  std::error_code error;
  if (first == "version") {
    words.front() = "--version";
  } else if (first == "help") {
    words.erase(words.begin());
    if (words.empty() || is_command(words.front())) words.push_back("--help");
  } else if (!is_command(words.front()) && std::filesystem::is_regular_file(first, error)) {
    words.insert(words.begin(), "transcribe");
  }
  return words;
}

CommandLine::Command command_of(const std::string& name) {
  using Command = CommandLine::Command;
  if (name == "transcribe") return Command::transcribe;
  if (name == "diarize") return Command::diarize;
  if (name == "models") return Command::models;
  if (name == "jobs") return Command::jobs;
  if (name == "config") return Command::config;
  if (name == "serve") return Command::serve;
  if (name == "worker") return Command::worker;
  if (name == "keys") return Command::keys;
  return Command::maintenance;
}

}  // namespace

CommandLine read_command_line(std::span<const char* const> arguments) {
  CommandLine line;
  CLI::App app(kDescription, "steno");
  app.formatter(std::static_pointer_cast<CLI::FormatterBase>(help_formatter()));
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", "steno " STENO_VERSION, "Print the version");
  app.require_subcommand(1);
  CLI::App* transcribe = app.add_subcommand("transcribe", "Transcribe recordings");
  add_transcribe_options(*transcribe, line.transcribe);
  CLI::App* diarize = app.add_subcommand("diarize", "Find who speaks when in recordings");
  add_diarize_options(*diarize, line.diarize);
  add_models_options(*app.add_subcommand("models", "List, download and remove models"),
                     line.models);
  add_jobs_command(*app.add_subcommand("jobs", "List, show and change jobs of a running service"),
                   line.jobs);
  add_serve_command(*app.add_subcommand("serve", "Run the service"), line.serve);
  add_worker_command(*app.add_subcommand("worker", "Run the jobs of a service"), line.worker);
  add_keys_command(*app.add_subcommand("keys", "Create, list, rotate and revoke API keys"),
                   line.keys);
  add_config_command(*app.add_subcommand("config", "Show and check the settings of the service"),
                     line.config);
  add_maintenance_commands(app, line.maintenance);

  auto words = normalised_arguments(with_command(arguments, app), flags_of(*transcribe));
  std::ranges::reverse(words);  // in the order that the parser expects
  try {
    app.parse(std::move(words));
    line.command = command_of(app.get_subcommands().front()->get_name());
    Result<void> good;
    if (transcribe->parsed()) good = check(line.transcribe);
    if (diarize->parsed()) good = check_diarize(line.diarize);
    if (!good) {
      line.command = CommandLine::Command::none;
      line.status = kWrongUsage;
      line.text = usage_error(app, good.error().message);
    }
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      std::ostringstream out;
      app.exit(error, out, out);
      line.text = out.str();
    } else {
      line.status = kWrongUsage;
      line.text = usage_error(app, complaint_about(app, error));
    }
  }
  return line;
}

}  // namespace steno::app
