#include "app/service/worker_run.h"

#include <unistd.h>

#include <chrono>
#include <system_error>
#include <utility>

#include "base/pause.h"
#include "fetch/fetch.h"
#include "models/models.h"
#include "models/small_models.h"
#include "net/address.h"
#include "pipeline/decode/decode.h"
#include "sandbox/sandbox.h"
#include "store/store_error.h"
#include "telemetry/call_times.h"
#include "telemetry/log.h"
#include "worker/model_cache.h"
#include "worker/pipeline_transcriber.h"
#include "worker/worker.h"

namespace steno::app {
namespace {

fetch::FetchOptions fetch_options(const FetchSettings& settings) {
  fetch::FetchOptions options;
  options.max_bytes = settings.max_bytes;
  options.total_timeout = settings.timeout;
  options.connect_timeout = settings.connect_timeout;
  options.max_redirects = settings.max_redirects;
  options.allow_networks = net::parse_networks(settings.allow_networks);
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

/// Loads the models that must be ready before the first job. A model that cannot be loaded is
/// logged.
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

WorkerDescription describe(const std::string& name, const Settings& settings,
                           const Environment& environment) {
  WorkerDescription description;
  description.name = name;
  description.device = settings.worker.device.device;
  description.capacity = settings.worker.jobs_at_once;
  for (const models::Folder& folder : models::Library(environment.model_folders).installed()) {
    description.models.push_back(folder.name);
  }
  return description;
}

/// Says once what the kernel lacks.
Result<void> check_sandbox(const WorkerRunParts& parts) {
  const sandbox::Protection protection = parts.sandbox.protection();
  if (!protection.system_calls) {
    if (parts.settings.worker.sandbox == SandboxRule::required) {
      return fail(Errc::unavailable,
                  "worker.sandbox is required, and this kernel or container allows no seccomp");
    }
    parts.log.warning("recordings are decoded without seccomp");
  }
  if (!protection.files) parts.log.info("this kernel or container has no Landlock");
  return {};
}

}  // namespace

struct WorkerRun::State {
  State(WorkerRunParts given, const std::string& given_name, const std::string& voice,
        std::unique_ptr<WorkerRegistration> given_registration)
      : parts(given),
        name(given_name),
        registration(std::move(given_registration)),
        models(models::Library(parts.environment.model_folders), parts.settings.worker.device,
               model_budget(parts.settings.worker), voice),
        speakers(models::diarization_folder(parts.environment.model_folders), parts.log),
        decoders(parts.sandbox),
        transcriber(models, parts.settings.worker.model, speakers, decoders, parts.log),
        fetcher(fetch_options(parts.settings.fetch)) {}

  const WorkerRunParts parts;
  const std::string name;
  const std::unique_ptr<WorkerRegistration> registration;
  ModelCache models;
  SpeakerNetworks speakers;
  const decode::Decoders decoders;
  PipelineTranscriber transcriber;
  const fetch::Fetcher fetcher;
  std::unique_ptr<Worker> worker;
};

WorkerRun::WorkerRun(std::unique_ptr<State> state) : state_(std::move(state)) {}

WorkerRun::~WorkerRun() = default;

Result<std::unique_ptr<WorkerRun>> WorkerRun::start(WorkerRunParts parts, const std::string& name,
                                                    const std::stop_token& stop) {
  if (auto checked = check_sandbox(parts); !checked) return tl::unexpected(checked.error());
  const auto voice = models::voice_activity_file(parts.environment.model_folders);
  if (!voice) return tl::unexpected(voice.error());
  Backends& backends = parts.backends;
  auto registration = backends.workers->add(describe(name, parts.settings, parts.environment));
  if (!registration) return tl::unexpected(registration.error());
  backends.lifecycle->lost_worker(name);  // releases the jobs of a dead worker with this name

  auto state = std::make_unique<State>(parts, name, *voice, std::move(*registration));
  warm_up(state->models, parts.settings.worker.warm_models, parts.log, stop);
  const FetchAudio fetch = [&fetcher = state->fetcher](const std::string& url, fetch::Sink& sink,
                                                       const std::stop_token& token) {
    return fetcher.fetch(url, sink, token);
  };
  const WorkerParts worker = {
      *backends.lifecycle, *backends.queue, *backends.blobs, *backends.event_notifier,
      state->transcriber,  fetch,           parts.log};
  state->worker = std::make_unique<Worker>(worker, worker_options(parts.settings.worker, name));
  parts.log.info("worker ready", {{"worker", name}});
  return std::unique_ptr<WorkerRun>(new WorkerRun(std::move(state)));
}

bool WorkerRun::run(const std::stop_token& stop) {
  State& state = *state_;
  Log& log = state.parts.log;
  std::string reported;
  bool can_decode = true;
  while (!stop.stop_requested() && can_decode) {
    // For the service's metrics: loaded models and durations of database calls.
    const std::string lines =
        to_lines(state.models.loaded()) + to_lines(state.parts.database.all());
    try {
      if (lines != reported) state.registration->report(lines);
      reported = lines;
    } catch (const std::system_error& error) {
      log.warning("a worker cannot report", {{"worker", state.name}, {"error", error.what()}});
    } catch (const StoreError& error) {
      log.warning("a worker cannot report", {{"worker", state.name}, {"error", error.what()}});
    }
    pause_for(std::chrono::seconds(1), stop);
    can_decode = state.parts.sandbox.is_alive();
  }
  if (!can_decode)
    log.error("the helper process of the sandbox has died", {{"worker", state.name}});
  log.info("worker stops", {{"worker", state.name}, {"running", state.worker->running()}});
  state.worker->stop(state.parts.settings.server.shutdown_grace);
  return can_decode;
}

}  // namespace steno::app
