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
#include "app/service/doctor.h"
#include "app/service/service_folder.h"
#include "app/terminal/printable.h"
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

Result<void> back_up(const Settings& settings, const std::string& file, StandardOutput& output) {
  if (auto found = require_service_data(settings); !found) return found;
  const auto opened = open_store(settings);
  if (!opened) return tl::unexpected(opened.error());
  auto done = opened->store->administration().backup(file);
  if (done)
    output.write(file + " holds the database; audio and results are in " +
                 blobs_address(settings).place + "\n");
  return done;
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

Result<void> run(const MaintenanceSettings& asked, const Settings& settings,
                 const Environment& environment, const sandbox::Sandbox& sandbox,
                 StandardOutput& output) {
  switch (asked.action) {
    case Action::migrate:
      return migrate(settings, output);
    case Action::backup:
      return back_up(settings, asked.file, output);
    case Action::drain:
      return drain(settings, asked.wait_s, output);
    case Action::doctor:
      return diagnose(settings, environment, sandbox, output);
  }
  return {};
}

}  // namespace

void add_maintenance_commands(CLI::App& program, MaintenanceSettings& settings) {
  const auto add = [&](const char* name, const char* help, Action action) {
    CLI::App* command = program.add_subcommand(name, help);
    command->parse_complete_callback([&settings, action] { settings.action = action; });
    add_config_options(*command, settings.flags);
    return command;
  };
  add("migrate", "Upgrade the database to this program's version", Action::migrate);
  add("backup", "Copy the database while the service runs", Action::backup)
      ->add_option("file", settings.file, "Destination of the copy; must not exist")
      ->required()
      ->type_name("FILE");
  add("drain", "End the service on this machine without losing work", Action::drain)
      ->add_option("--wait", settings.wait_s, "Longest wait in seconds. Default: 60")
      ->check(number_between(0, 86'400))
      ->type_name("SECONDS");
  add("doctor", "Check for problems that would prevent the service from working", Action::doctor);
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
  if (const auto done = run(settings, *configured, environment, sandbox, output); !done) {
    say(done.error().message);
    return kSomeFailed;
  }
  if (output.state() != OutputState::failed) return kDone;
  say(output.failure());
  return kSomeFailed;
}

}  // namespace steno::app
