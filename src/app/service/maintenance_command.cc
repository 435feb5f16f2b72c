#include "app/service/maintenance_command.h"

#include <signal.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "app/backends.h"
#include "app/config/config_options.h"
#include "app/exit_status.h"
#include "app/number_range.h"
#include "app/service/backup_files.h"
#include "app/service/doctor.h"
#include "app/service/service_folder.h"
#include "app/terminal/printable.h"
#include "jobs/trash.h"
#include "sandbox/sandbox.h"

namespace steno::app {
namespace {

using Action = MaintenanceSettings::Action;
using SteadyClock = std::chrono::steady_clock;

Result<void> migrate(const Settings& settings, StandardOutput& output) {
  if (auto found = require_service_data(settings); !found) return found;
  const auto opened = open_store(settings);
  if (!opened) return tl::unexpected(opened.error());
  output.write(store_address(settings).place + " is up to date\n");
  return {};
}

/// Writes what a command has to say.
Result<void> tell(const Result<std::string>& done, StandardOutput& output) {
  if (!done) return tl::unexpected(done.error());
  output.write(*done);
  return {};
}

/// The backends of a service that exists.
Result<Backends> find_backends(const Settings& settings) {
  if (auto found = require_service_data(settings); !found) return tl::unexpected(found.error());
  return open_backends(settings);
}

Result<void> accept_blobs(const Settings& settings, StandardOutput& output) {
  auto backends = find_backends(settings);
  if (!backends) return tl::unexpected(backends.error());
  if (auto accepted = backends->pairing->accept(); !accepted) return accepted;
  output.write("the database and the blobs belong together; deletions go on within a minute\n");
  return {};
}

Result<void> accept_clock(const Settings& settings, StandardOutput& output) {
  auto backends = find_backends(settings);
  if (!backends) return tl::unexpected(backends.error());
  backends->clock->accept();
  output.write("it is " + to_iso8601(backends->clock->now()) +
               "; deletions go on within a minute\n");
  return {};
}

Result<void> show_trash(const Settings& settings, StandardOutput& output) {
  auto backends = find_backends(settings);
  if (!backends) return tl::unexpected(backends.error());
  const auto trash = list_trash(*backends->blobs);
  if (!trash) return tl::unexpected(trash.error());
  std::string text = "SWEPT  BYTES  KEY\n";
  for (const blob::BlobInfo& blob : *trash) {
    const auto swept = std::chrono::floor<Milliseconds>(blob.modified);
    text += to_iso8601(swept) + "  " + std::to_string(blob.size) + "  " + blob.key + "\n";
  }
  output.write(text);
  return {};
}

Result<void> put_back_from_trash(const Settings& settings, const std::vector<std::string>& wanted,
                                 StandardOutput& output) {
  auto backends = find_backends(settings);
  if (!backends) return tl::unexpected(backends.error());
  const auto trash = list_trash(*backends->blobs);
  if (!trash) return tl::unexpected(trash.error());
  int moved = 0;
  for (const blob::BlobInfo& blob : *trash) {
    const bool is_wanted =
        wanted.empty() || std::ranges::any_of(wanted, [&](const std::string& beginning) {
          return blob.key.starts_with(beginning);
        });
    if (!is_wanted) continue;
    if (auto done = put_back(*backends->blobs, blob.key); !done) return done;
    ++moved;
  }
  output.write(std::to_string(moved) + " files are back\n");
  return {};
}

/// Stops the service of the data folder as SIGTERM does: running jobs get their grace period, and
/// unfinished ones wait for the next start, unless they are in its memory.
Result<void> drain(const Settings& settings, double wait_s, StandardOutput& output) {
  if (auto found = require_service_folder(settings.data_dir); !found) return found;
  const ServiceFolder folder{std::filesystem::absolute(settings.data_dir)};
  const auto running = running_service(folder);
  if (!running) {
    return fail(Errc::not_found, "no steno serve runs on " + folder.root.string());
  }
  if (kill(running->pid, SIGTERM) != 0) {
    return fail(Errc::io, "process " + std::to_string(running->pid) + " cannot be stopped");
  }
  const auto end = SteadyClock::now() + std::chrono::duration<double>(wait_s);
  while (running_service(folder)) {
    if (SteadyClock::now() > end) {
      return fail(Errc::unavailable, "process " + std::to_string(running->pid) + " still runs");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  const auto forgotten = settings_of_one_process(settings);
  output.write(forgotten.empty()
                   ? "the service has ended; unfinished jobs wait for its next start\n"
                   : "the service has ended; its jobs are gone: " + forgotten.front() +
                         " keeps nothing\n");
  return {};
}

/// Prints one line per finding. Fails if one is bad.
Result<void> diagnose(const Settings& settings, const Environment& environment,
                      const sandbox::Sandbox& sandbox, StandardOutput& output) {
  const char* const names[] = {"good", "look", "BAD "};
  int bad = 0;
  for (const Finding& finding : examine(settings, environment, sandbox.protection())) {
    output.write(std::string(names[static_cast<size_t>(finding.state)]) + "  " + finding.subject +
                 ": " + printable(finding.text) + "\n");
    if (finding.state == Finding::State::bad) ++bad;
  }
  if (bad == 0) return {};
  return fail(Errc::unavailable, "the service will not work as it is: " + std::to_string(bad) +
                                     (bad == 1 ? " thing is bad" : " things are bad"));
}

Result<void> run_maintenance(const MaintenanceSettings& asked, const Settings& settings,
                             const Environment& environment, const sandbox::Sandbox& sandbox,
                             StandardOutput& output) {
  switch (asked.action) {
    case Action::migrate:
      return migrate(settings, output);
    case Action::backup:
      return tell(back_up(settings, asked.file,
                          asked.has_blobs ? BackupContent::all : BackupContent::database),
                  output);
    case Action::restore:
      return tell(restore(settings, asked.file), output);
    case Action::accept_blobs:
      return accept_blobs(settings, output);
    case Action::accept_clock:
      return accept_clock(settings, output);
    case Action::list_trash:
      return show_trash(settings, output);
    case Action::put_back:
      return put_back_from_trash(settings, asked.keys, output);
    case Action::drain:
      return drain(settings, asked.wait_s, output);
    case Action::doctor:
      return diagnose(settings, environment, sandbox, output);
  }
  return {};
}

}  // namespace

void add_maintenance_commands(CLI::App& program, MaintenanceSettings& settings) {
  const auto add = [&settings](CLI::App& parent, const char* name, const char* help,
                               Action action) {
    CLI::App* command = parent.add_subcommand(name, help);
    command->parse_complete_callback([&settings, action] { settings.action = action; });
    add_config_options(*command, settings.flags);
    return command;
  };
  add(program, "migrate", "Upgrade the database to this program's version", Action::migrate);
  CLI::App* backup =
      add(program, "backup", "Copy the database while the service runs", Action::backup);
  backup->add_option("file", settings.file, "Destination of the copy; must not exist")
      ->required()
      ->type_name("FILE");
  backup->add_flag("--with-blobs", settings.has_blobs,
                   "Copy audio and results too; FILE is then a folder");
  add(program, "restore", "Replace the data of a stopped service by a backup", Action::restore)
      ->add_option("file", settings.file, "What steno backup has made")
      ->required()
      ->type_name("FILE");
  CLI::App* accept = program.add_subcommand("accept", "Confirm what holds deletions back");
  accept->require_subcommand(1);
  add(*accept, "blobs", "The database and the audio and results belong together",
      Action::accept_blobs);
  add(*accept, "clock", "The clock is right", Action::accept_clock);
  CLI::App* trash = program.add_subcommand("trash", "Files that belong to no job");
  trash->require_subcommand(1);
  add(*trash, "list", "Print them", Action::list_trash);
  add(*trash, "restore", "Move them back", Action::put_back)
      ->add_option("key", settings.keys, "Keys, or beginnings of keys. Default: all")
      ->type_name("KEY");
  add(program, "drain", "End the service on this machine without losing work", Action::drain)
      ->add_option("--wait", settings.wait_s, "Longest wait in seconds. Default: 60")
      ->check(number_between(0, 86'400))
      ->type_name("SECONDS");
  add(program, "doctor", "Check for problems that would prevent the service from working",
      Action::doctor);
}

int run_maintenance_command(const MaintenanceSettings& settings,
                            const std::map<std::string, std::string>& variables,
                            const Environment& environment, const sandbox::Sandbox& sandbox,
                            StandardOutput& output, std::FILE* messages) {
  const auto say = [messages](const std::string& message) {
    std::fprintf(messages, "steno: %s\n", printable(message).c_str());
  };
  const auto configured = read_config(settings.flags, variables).checked();
  if (!configured) {
    say(configured.error().message);
    return kWrongUsage;
  }
  if (const auto done = run_maintenance(settings, *configured, environment, sandbox, output);
      !done) {
    say(done.error().message);
    return kSomeFailed;
  }
  if (output.state() != OutputState::failed) return kDone;
  say(output.failure());
  return kSomeFailed;
}

}  // namespace steno::app
