#include "app/models/models_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "app/exit_status.h"
#include "app/models/pull_report.h"
#include "app/terminal/columns.h"
#include "app/terminal/printable.h"
#include "models/small_models.h"

namespace steno::app {
namespace {

std::string megabytes(double bytes) { return std::to_string(std::llround(bytes / 1e6)) + " MB"; }

std::vector<std::string> installed_row(const models::Folder& folder) {
  const auto description = models::describe(folder.path);
  if (!description) return {folder.name, "damaged", "", description.error().message};
  const std::string hint =
      description->has_int8 ? "" : "  (slower to start: steno models convert " + folder.name + ")";
  return {folder.name, description->languages, megabytes(static_cast<double>(description->bytes)),
          folder.path + hint};
}

/// One action on one model.
class Runner {
 public:
  Runner(const ModelsSettings& settings, const models::Library& library,
         const models::PullOptions& hub, StandardOutput& output, std::FILE* messages,
         std::stop_token stop)
      : settings_(settings),
        library_(library),
        hub_(hub),
        output_(output),
        messages_(messages),
        stop_(std::move(stop)) {
    hub_.revision = settings.revision;
  }

  Result<void> run(const std::string& model) {
    switch (settings_.action) {
      case ModelsSettings::Action::pull:
        return pull(model);
      case ModelsSettings::Action::path:
        return print_path(model);
      case ModelsSettings::Action::remove:
        return remove(model);
      case ModelsSettings::Action::convert:
        return convert(model);
      case ModelsSettings::Action::list:
        break;
    }
    return {};
  }

  void say(const std::string& line) {
    if (!settings_.quiet) std::fprintf(messages_, "%s\n", line.c_str());
  }

 private:
  /// These come with the program. So a pull can only tell where they are.
  Result<void> pull_small(const models::SmallModel& model) {
    const auto path = models::find_in(library_.folders(), model);
    if (!path) return tl::unexpected(path.error());
    say(model.name + ": already there, in " + *path);
    return {};
  }

  Result<void> pull(const std::string& model) {
    if (const auto* small = models::find_small_model(model)) return pull_small(*small);
    Result<models::Pulled> pulled;
    {
      PullReport report(model, messages_, settings_.quiet);
      pulled = library_.pull(
          model, hub_, [&](const auto& progress) { report.show(progress); }, stop_);
    }
    if (!pulled) return tl::unexpected(pulled.error());
    say(model + (pulled->was_there ? ": already there, in " : ": installed in ") +
        pulled->folder.path);
    return {};
  }

  Result<void> print_path(const std::string& model) {
    if (const auto* small = models::find_small_model(model)) {
      const auto path = models::find_in(library_.folders(), *small);
      if (!path) return tl::unexpected(path.error());
      output_.write(*path + "\n");
      return {};
    }
    const auto folder = library_.resolve(model);
    if (!folder) return tl::unexpected(folder.error());
    output_.write(folder->path + "\n");
    return {};
  }

  Result<void> remove(const std::string& model) {
    const auto removed = library_.remove(model);
    if (!removed) return tl::unexpected(removed.error());
    say(model + ": removed from " + removed->path);
    return {};
  }

  Result<void> convert(const std::string& model) {
    const auto folder = library_.resolve(model);
    if (!folder) return tl::unexpected(folder.error());
    const auto done = models::prepare_for_cpu(folder->path, stop_);
    if (!done) return tl::unexpected(done.error());
    say(folder->path + (*done == models::Preparation::written ? ": int8 weights written"
                        : *done == models::Preparation::already_there
                            ? ": has int8 weights"
                            : ": holds int8 weights only"));
    return {};
  }

  const ModelsSettings& settings_;
  const models::Library& library_;
  models::PullOptions hub_;
  StandardOutput& output_;
  std::FILE* messages_;
  std::stop_token stop_;
};

// The exit status of a command after its models have been processed.
int status_of(const StandardOutput& output, std::FILE* messages, int status) {
  const bool is_lost = output.state() == OutputState::failed;
  if (is_lost) std::fprintf(messages, "steno: %s\n", output.failure().c_str());
  return is_lost ? kSomeFailed : status;
}

CLI::App* add_action(CLI::App& command, ModelsSettings& settings, ModelsSettings::Action action,
                     const char* name, const char* description, const char* models) {
  CLI::App* const sub = command.add_subcommand(name, description);
  sub->parse_complete_callback([&settings, action] { settings.action = action; });
  if (models != nullptr) sub->add_option("model", settings.models, models)->required();
  return sub;
}

}  // namespace

void add_models_options(CLI::App& command, ModelsSettings& settings) {
  using Action = ModelsSettings::Action;
  command.require_subcommand(0, 1);
  add_action(command, settings, Action::list, "list",
             "Print installed models and those that can be pulled (the default)", nullptr);
  CLI::App* const pull =
      add_action(command, settings, Action::pull, "pull",
                 "Download models from a Hugging Face compatible host (HF_ENDPOINT, HF_TOKEN)",
                 "A name from the list, or owner/repo of a model in CTranslate2's format");
  pull->add_option("--revision", settings.revision, "Branch, tag or commit to pull")
      ->capture_default_str();
  add_action(command, settings, Action::path, "path", "Print the folder of a model",
             "A name, owner/repo, or a folder");
  add_action(command, settings, Action::remove, "remove", "Remove installed models",
             "A name or owner/repo");
  CLI::App* const convert =
      add_action(command, settings, Action::convert, "convert",
                 "Store int8 weights next to the others, for a faster start on a CPU",
                 "A name, owner/repo, or a folder in faster-whisper's format");
  for (CLI::App* const sub : {pull, convert}) {
    sub->add_flag("-q,--quiet", settings.quiet, "Print only errors");
  }
}

std::string model_list(const models::Library& library) {
  std::set<std::string> names;
  std::vector<std::vector<std::string>> there;
  for (const auto& folder : library.installed()) {
    names.insert(folder.name);
    there.push_back(installed_row(folder));
  }
  std::vector<std::vector<std::string>> others;
  for (const auto& entry : models::catalogue()) {
    if (names.contains(entry.name)) continue;
    const std::string alias = entry.alias.empty() ? "" : " (" + entry.alias + ")";
    others.push_back({entry.name + alias, entry.languages, megabytes(entry.megabytes * 1e6),
                      entry.repo == entry.name ? "" : entry.repo});
  }
  std::vector<std::vector<std::string>> small;
  for (const models::SmallModel& model : models::small_models()) {
    const auto path = models::find_in(library.folders(), model);
    small.push_back({model.name, model.purpose, path ? *path : "missing: " + path.error().message});
  }
  return (there.empty() ? "Installed: none\n" : "Installed:\n" + as_columns(there)) +
         "\nParts of every installation:\n" + as_columns(small) +
         "\nAvailable with steno models pull NAME, or pull OWNER/REPO for any other model "
         "in\nCTranslate2's format:\n" +
         as_columns(others);
}

int run_models_command(const ModelsSettings& settings, const models::Library& library,
                       const models::PullOptions& hub, StandardOutput& output, std::FILE* messages,
                       std::stop_token stop) {
  if (settings.action == ModelsSettings::Action::list) {
    output.write(model_list(library));
    return status_of(output, messages, kDone);
  }
  Runner runner(settings, library, hub, output, messages, std::move(stop));
  bool any_failed = false;
  for (const auto& model : settings.models) {
    const auto done = runner.run(model);
    if (!done && done.error().code == Errc::cancelled) {
      runner.say(settings.action == ModelsSettings::Action::pull
                     ? model + ": interrupted; the next pull continues"
                     : model + ": interrupted");
      return kInterrupted;
    }
    if (done) continue;
    any_failed = true;
    std::fprintf(messages, "steno: %s\n", printable(done.error().message).c_str());
  }
  return status_of(output, messages, any_failed ? kSomeFailed : kDone);
}

}  // namespace steno::app
