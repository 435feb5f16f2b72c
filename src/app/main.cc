// The program's entry point: builds everything, catches exceptions, and ends the process.

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <thread>

#include "app/command_line.h"
#include "app/config/config_command.h"
#include "app/environment.h"
#include "app/exit_status.h"
#include "app/models/models_command.h"
#include "app/remote/jobs_command.h"
#include "app/remote/remote_transcribe.h"
#include "app/service/keys_command.h"
#include "app/service/maintenance_command.h"
#include "app/service/serve_command.h"
#include "app/service/worker_command.h"
#include "app/terminal/interrupt.h"
#include "app/terminal/standard_output.h"
#include "app/transcribe/diarize_command.h"
#include "app/transcribe/transcribe_command.h"
#include "pipeline/decode/decode.h"
#include "sandbox/sandbox.h"

namespace steno::app {
namespace {

// The longest time for cleaning up after an interruption.
constexpr std::chrono::milliseconds kMostGrace{900};

// A closed standard stream must not get the descriptor of another file. It is opened in the wrong
// direction, so that its users still get an error.
void fill_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) >= 0) continue;
    open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);  // the lowest free number
  }
}

int say(const CommandLine& line) {
  if (line.status != 0) {
    std::fputs(line.text.c_str(), stderr);
    return line.status;
  }
  StandardOutput output;
  output.write(line.text);
  if (output.state() != OutputState::failed) return kDone;
  std::fprintf(stderr, "steno: %s\n", output.failure().c_str());
  return kSomeFailed;
}

int run_models(const ModelsSettings& settings, std::stop_token stop) {
  const Environment environment = read_environment();
  models::PullOptions hub;
  if (!environment.hf_endpoint.empty()) hub.endpoint = environment.hf_endpoint;
  hub.token = environment.hf_token;
  StandardOutput output;
  return run_models_command(settings, models::Library(environment.model_folders), hub, output,
                            stderr, std::move(stop));
}

int run_jobs(const JobsSettings& settings, std::stop_source stop) {
  StandardOutput output;
  return run_jobs_command(settings, read_service_environment(), output, stderr, std::move(stop));
}

CommandResult run_on_files(const CommandLine& line, const decode::Decoders& decoders,
                           const std::stop_source& stop) {
  if (line.command == CommandLine::Command::diarize) {
    return diarize_files(line.diarize, read_environment(), decoders, stop);
  }
  return line.transcribe.by_service
             ? transcribe_remotely(line.transcribe, read_service_environment(), stop)
             : transcribe(line.transcribe, read_environment(), decoders, stop);
}

/// Runs a command that handles signals itself, or none. Empty for other commands.
std::optional<int> run_service_command(const CommandLine& line, const sandbox::Sandbox& sandbox) {
  using Command = CommandLine::Command;
  const auto variables = environment_variables();
  StandardOutput output;
  switch (line.command) {
    case Command::config:
      return run_config_command(line.config, variables, output, stderr);
    case Command::serve:
      return run_serve_command(line.serve, variables, read_environment(), sandbox, stderr);
    case Command::worker:
      return run_worker_command(line.worker, variables, read_environment(), sandbox, stderr);
    case Command::keys:
      return run_keys_command(line.keys, variables, output, stderr);
    case Command::maintenance:
      return run_maintenance_command(line.maintenance, variables, read_environment(), sandbox,
                                     output, stderr);
    case Command::transcribe:
    case Command::diarize:
    case Command::models:
    case Command::jobs:
    case Command::none:
      break;
  }
  return std::nullopt;
}

/// Whether a command decodes recordings. Asked before the command line is parsed: the sandbox must
/// be forked before this process holds any secret.
bool may_decode(std::span<char* const> arguments) {
  constexpr std::array<std::string_view, 9> kOthers = {
      "--version", "version", "--help", "help", "-h", "models", "jobs", "config", "keys"};
  return arguments.size() > 1 &&
         std::ranges::find(kOthers, std::string_view(arguments[1])) == kOthers.end();
}

int run(std::span<char* const> arguments, const sandbox::Sandbox& sandbox) {
  const auto words = arguments.subspan(arguments.empty() ? 0 : 1);
  const CommandLine line = read_command_line({words.data(), words.size()});
  if (line.command == CommandLine::Command::none) return say(line);
  if (const auto status = run_service_command(line, sandbox)) return *status;

  std::stop_source stop;
  // The callbacks of the stop may be slow, and the watch must not wait for them.
  const auto asked = [stop]() mutable {
    std::thread([stop]() mutable { stop.request_stop(); }).detach();
  };
  const Interrupt interrupt(
      asked, [] { _exit(kInterrupted); }, kMostGrace);
  if (line.command == CommandLine::Command::models)
    return run_models(line.models, stop.get_token());
  if (line.command == CommandLine::Command::jobs) return run_jobs(line.jobs, stop);
  if (!line.transcribe.by_service && !sandbox.protection().system_calls) {
    std::fputs("steno: the recordings are decoded without seccomp, see steno doctor\n", stderr);
  }
  // Files that are abandoned at an interruption still use it.
  const decode::Decoders decoders(sandbox);
  const CommandResult outcome = run_on_files(line, decoders, stop);
  if (outcome.threads_run) _exit(outcome.status);
  return outcome.status;
}

}  // namespace
}  // namespace steno::app

int main(int argc, char** argv) {
  steno::app::fill_closed_streams();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe becomes an error of write()
  try {
    const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
    // Before anything that reads keys or starts threads.
    const steno::sandbox::Sandbox sandbox(steno::decode::decode_in_child,
                                          {.arguments = arguments,
                                           .prepare = steno::decode::prepare_decoding,
                                           .keeps_spare = true,
                                           .starts = steno::app::may_decode(arguments)});
    return steno::app::run(arguments, sandbox);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steno: %s\n", error.what());
    return steno::app::kSomeFailed;
  }
}
