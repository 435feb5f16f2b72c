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
#include "app/terminal/interrupt.h"
#include "app/terminal/printable.h"
#include "app/transcribe/voice_model.h"
#include "base/pause.h"
#include "fetch/fetch.h"
#include "telemetry/call_times.h"
#include "worker/model_cache.h"
#include "worker/pipeline_transcriber.h"
#include "worker/proof_of_life.h"
#include "worker/worker.h"

namespace steno::app {
namespace {

// Behind the grace of running jobs, for writing down that they are given back.
constexpr Milliseconds kLastWrites{10'000};
constexpr size_t kLongestName = 64;

fetch::FetchOptions fetch_options(const FetchSettings& settings) {
  fetch::FetchOptions options;
  options.max_bytes = settings.max_bytes;
  options.total_timeout = settings.timeout;
  options.connect_timeout = settings.connect_timeout;
  options.max_redirects = settings.max_redirects;
  for (const std::string& network : settings.allow_networks) {
    if (const auto read = net::Network::parse(network)) options.allow_networks.push_back(*read);
  }
  return options;
}

WorkerOptions worker_options(const WorkerSettings& settings, std::string name) {
  WorkerOptions options;
  options.name = std::move(name);
  options.jobs_at_once = settings.jobs_at_once;
  options.short_reserve = settings.short_reserve;
  options.short_bytes = static_cast<int64_t>(settings.short_bytes);
  options.heartbeat = settings.heartbeat;
  options.poll = settings.poll;
  return options;
}

std::uint64_t model_budget(const WorkerSettings& settings) {
  if (settings.model_memory_bytes > 0) return settings.model_memory_bytes;
  const auto pages = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES));
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE)) / 2;
}

/// Loads the models that are to be there before the first job; what cannot be loaded is only said.
void warm_up(ModelCache& models, const std::vector<std::string>& names, Log& log,
             const std::stop_token& stop) {
  for (const std::string& name : names) {
    if (stop.stop_requested()) return;
    const auto began = std::chrono::steady_clock::now();
    if (const auto model = models.get(name, stop); !model) {
      log.error("a model cannot be warmed", {{"model", name}, {"cause", model.error().message}});
    } else {
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
      log.info("model loaded", {{"model", name}, {"seconds", took.count()}});
    }
  }
}

/// Says once a second, if that is news, which models are in memory and how long the database took:
/// for the service's metrics.
void tell_until(const std::stop_token& stop, const ModelCache& models, const CallTimer& database,
                ProofOfLife& proof, Log& log) {
  std::string told;
  while (!stop.stop_requested()) {
    const std::string lines = to_lines(models.loaded()) + to_lines(database.all());
    try {
      if (lines != told) proof.say(lines);
      told = lines;
    } catch (const std::system_error& error) {
      log.warning("the worker cannot report to the service", {{"error", error.what()}});
    }
    pause_for(std::chrono::seconds(1), stop);
  }
}

/// What is wrong with a worker's name, which becomes the name of a file; nothing if it is good.
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

int work(const Settings& settings, std::string name, const Environment& environment, Log& log,
         const std::stop_token& stop) {
  if (const auto found = require_service_data(settings.data_dir); !found) {
    log.error("the worker cannot start", {{"cause", found.error().message}});
    return kSomeFailed;
  }
  CallTimer database;
  auto opened = open_backends(settings, [&database](std::string_view operation, double seconds) {
    database.add(operation, seconds);
  });
  if (!opened) {
    log.error("the worker cannot start", {{"cause", opened.error().message}});
    return kSomeFailed;
  }
  Backends& backends = *opened;
  const auto voice = voice_model_file(environment);
  if (!voice) {
    log.error("the worker cannot start", {{"cause", voice.error().message}});
    return kSomeFailed;
  }
  const auto proof = ProofOfLife::take(backends.folder.workers(), name);
  if (!proof) {
    log.error("the worker cannot start", {{"cause", proof.error().message}});
    return kSomeFailed;
  }
  backends.lifecycle->lost_worker(name);  // those of a dead one of this name
  ModelCache models(models::Library(environment.model_folders), settings.worker.device,
                    model_budget(settings.worker), *voice);
  SpeakerNetworks speakers(diarization_folder(environment), log);
  PipelineTranscriber transcriber(models, settings.worker.model, speakers, log);
  const fetch::Fetcher fetcher(fetch_options(settings.fetch));
  const FetchAudio fetch = [&fetcher](const std::string& url, fetch::Sink& sink,
                                      const std::stop_token& token) {
    return fetcher.fetch(url, sink, token);
  };
  warm_up(models, settings.worker.warm_models, log, stop);

  Worker worker({*backends.lifecycle, *backends.queue, *backends.blobs, *backends.event_notifier,
                 transcriber, fetch, log},
                worker_options(settings.worker, name));
  log.info("worker ready", {{"worker", name}});
  tell_until(stop, models, database, **proof, log);
  log.info("worker stops", {{"worker", name}, {"running", worker.running()}});
  worker.stop(settings.server.shutdown_grace);
  return kDone;
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
                       const Environment& environment, std::FILE* messages) {
  const auto configured = read_config(settings.flags, variables).checked();
  if (!configured) {
    std::fprintf(messages, "steno: %s\n", printable(configured.error().message).c_str());
    return kWrongUsage;
  }
  std::stop_source stop;
  // A SIGHUP to all of the service's processes is for serve alone: here it would cost attempts.
  const Interrupt interrupt([stop]() mutable { stop.request_stop(); }, [] { _exit(kInterrupted); },
                            configured->server.shutdown_grace + kLastWrites, [] {});
  Log log(configured->log.level, configured->log.format);
  return work(*configured, settings.name.empty() ? new_worker_name() : settings.name, environment,
              log, stop.get_token());
}

}  // namespace steno::app
