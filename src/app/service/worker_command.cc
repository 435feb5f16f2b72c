#include "app/service/worker_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <stop_token>
#include <thread>

#include "app/backends.h"
#include "app/config/config_options.h"
#include "app/exit_status.h"
#include "app/service/service_folder.h"
#include "app/service/worker_run.h"
#include "app/terminal/interrupt.h"
#include "app/terminal/printable.h"
#include "telemetry/call_times.h"
#include "telemetry/failure_log.h"
#include "telemetry/log.h"

namespace steno::app {
namespace {

// Time for handing back jobs, after the grace period.
constexpr Milliseconds kWorkersLastWrites{10'000};
constexpr size_t kLongestName = 64;

/// The error in a worker's name, which becomes a file name. None if it is valid.
std::string complaint_about_name(const std::string& name) {
  const auto may_be_in = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
  };
  const bool good = !name.empty() && name.size() <= kLongestName && !name.starts_with('.') &&
                    std::ranges::all_of(name, may_be_in);
  if (good) return "";
  return "must be at most " + std::to_string(kLongestName) +
         " letters, digits, dots, dashes and underscores, no dot first";
}

int work(const Settings& settings, const std::string& name, const Environment& environment,
         const sandbox::Sandbox& sandbox, Log& log, const std::stop_token& stop) {
  const auto refuse = [&log](const Error& error) {
    log.error("the worker cannot start", {{"cause", error.message}});
    return kSomeFailed;
  };
  if (const auto found = require_service_data(settings); !found) return refuse(found.error());
  if (const auto found = require_service_folder(settings.data_dir); !found) {
    return refuse(found.error());
  }
  CallTimer database;
  FailureLog failures(log);
  auto backends = open_backends(
      settings,
      {.database = [&database](std::string_view operation,
                               double seconds) { database.add(operation, seconds); },
       .failure = [&failures](Duty duty, std::string_view error) { failures.add(duty, error); }});
  if (!backends) return refuse(backends.error());
  const auto worker =
      WorkerRun::start({settings, environment, sandbox, *backends, database, log}, name, stop);
  if (!worker) return refuse(worker.error());
  return (*worker)->run(stop) ? kDone : kSomeFailed;
}

}  // namespace

void add_worker_command(CLI::App& command, WorkerCommandSettings& settings) {
  add_config_options(command, settings.flags);
  command
      .add_option("--name", settings.name, "A name that no other worker has. Default: generated")
      ->check(CLI::Validator(complaint_about_name, ""))
      ->type_name("NAME");
}

std::vector<std::string> worker_command_line(const ConfigFlags& flags, const std::string& name) {
  std::vector<std::string> words = {"/proc/self/exe", "worker", "--name", name};
  if (flags.file) words.insert(words.end(), {"--config", *flags.file});
  for (const ConfigFlag& flag : flags.values) {
    words.insert(words.end(), {"--set", flag.key + "=" + flag.text});
  }
  return words;
}

int run_worker_command(const WorkerCommandSettings& settings,
                       const std::map<std::string, std::string>& variables,
                       const Environment& environment, const sandbox::Sandbox& sandbox,
                       std::FILE* messages) {
  const auto configured = read_config(settings.flags, variables).checked();
  if (!configured) {
    std::fprintf(messages, "steno: %s\n", printable(configured.error().message).c_str());
    return kWrongUsage;
  }
  std::stop_source stop;
  // A SIGHUP to all processes of the service is meant for serve. It must not end a worker.
  const Interrupt interrupt([stop]() mutable { stop.request_stop(); }, [] { _exit(kInterrupted); },
                            configured->server.shutdown_grace + kWorkersLastWrites, [] {});
  Log log(configured->log.level, configured->log.format);
  return work(*configured, settings.name.empty() ? new_worker_name() : settings.name, environment,
              sandbox, log, stop.get_token());
}

}  // namespace steno::app
