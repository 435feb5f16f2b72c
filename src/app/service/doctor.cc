#include "app/service/doctor.h"

#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/backends.h"
#include "app/service/certificate.h"
#include "app/service/service_folder.h"
#include "app/transcribe/voice_model.h"
#include "http/http.h"
#include "models/models.h"

namespace steno::app {
namespace {

using State = Finding::State;

constexpr std::chrono::days kRenewBefore{30};

std::string megabytes(uint64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

Finding look_at_model(const Settings& settings, const Environment& environment) {
  const auto folder = models::Library(environment.model_folders).resolve(settings.worker.model);
  if (!folder) return {State::bad, "model", folder.error().message};
  const auto description = models::describe(folder->path);
  if (!description) return {State::bad, "model", description.error().message};
  if (!description->has_int8 && settings.worker.device.device != "cuda") {
    return {State::doubtful, "model",
            folder->name + " has no int8 weights; steno models convert " + folder->name +
                " makes it load faster on a CPU"};
  }
  return {State::good, "model", folder->name + ", " + description->languages};
}

Finding look_at_voice_model(const Environment& environment) {
  const auto file = voice_model_file(environment);
  if (!file) return {State::bad, "voice detection", file.error().message};
  return {State::good, "voice detection", *file};
}

Finding look_at_disk(const Settings& settings, blob::BlobStore& blobs) {
  const auto free = blobs.free_bytes();
  if (!free) return {State::bad, "disk", free.error().message};
  if (!*free) return {State::good, "disk", "the store of audio and results has no limit"};
  const uint64_t wanted = settings.jobs.min_free_disk_bytes;
  if (**free < wanted) {
    return {State::bad, "disk",
            megabytes(**free) + " free, and jobs.min_free_disk_bytes wants " + megabytes(wanted) +
                ": submissions are refused until there is room"};
  }
  return {State::good, "disk", megabytes(**free) + " free"};
}

Finding look_at_addresses(const Settings& settings, const ServiceFolder& folder) {
  if (const auto running = running_service(folder)) {
    return {State::good, "addresses",
            "steno serve runs, process " + std::to_string(running->pid) + ", at " +
                running->addresses.front()};
  }
  const http::Router router;
  http::ServerOptions options;
  options.listen = settings.server.listen;
  http::Server server(router, options);
  if (const auto started = server.start(); !started) {
    return {State::bad, "addresses", started.error().message};
  }
  std::string all;
  for (const std::string& address : settings.server.listen) {
    all += (all.empty() ? "" : ", ") + address;
  }
  return {State::good, "addresses", all + " can be listened on"};
}

Finding judge(const std::string& file, const Validity& validity, Time now) {
  if (now < validity.begin) {
    return {State::bad, "certificate",
            file + " is not good before " + to_iso8601(validity.begin) + ": look at the clock"};
  }
  const std::string renew = "; renew it and send steno serve a SIGHUP";
  if (now >= validity.end) {
    return {State::bad, "certificate", file + " expired on " + to_iso8601(validity.end) + renew};
  }
  if (validity.end - now < kRenewBefore) {
    return {State::doubtful, "certificate",
            file + " expires in less than 30 days, on " + to_iso8601(validity.end) + renew};
  }
  return {State::good, "certificate", file + ", good until " + to_iso8601(validity.end)};
}

/// Starts a server on a local port with the certificate. It accepts exactly what `steno serve`
/// accepts.
Finding look_at_certificate(const ServerSettings& settings) {
  const http::Router router;
  http::ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  options.tls = http::TlsFiles{settings.tls_certificate, settings.tls_key};
  http::Server server(router, options);
  if (const auto started = server.start(); !started) {
    return {State::bad, "certificate", started.error().message};
  }
  const auto validity = validity_of_certificates(settings.tls_certificate);
  if (!validity) return {State::bad, "certificate", validity.error().message};
  return judge(settings.tls_certificate, *validity, SystemClock().now());
}

Finding look_at_clock() {
  using std::chrono::sys_days;
  const auto now = std::chrono::system_clock::now();
  if (now < sys_days(std::chrono::year(2026) / 1 / 1)) {
    return {State::bad, "clock", "it shows a time before 2026: keys and links will seem expired"};
  }
  timex state{};
  if (adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    return {State::doubtful, "clock",
            "not known to be synchronised; signed links and expiry need a right clock (chrony)"};
  }
  return {State::good, "clock", "synchronised"};
}

Finding look_at_processor() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512vnni") != 0) {
    return {State::good, "processor", "AVX-512 with VNNI: the fastest kernels"};
  }
  if (__builtin_cpu_supports("avx2") != 0) return {State::good, "processor", "AVX2"};
#endif
  return {State::doubtful, "processor",
          "neither AVX2 nor AVX-512: transcription will be several times slower"};
}

/// seccomp alone refuses files and sockets. Landlock refuses them a second time.
Finding look_at_sandbox(const Settings& settings, const sandbox::Protection& protection) {
  if (protection.system_calls) {
    return {State::good, "sandbox",
            protection.files ? "seccomp and Landlock"
                             : "seccomp; this kernel has no Landlock, a second lock on files"};
  }
  const std::string lack = std::string("recordings are decoded without seccomp") +
                           (protection.files ? "" : " and Landlock") +
                           ", which this kernel or container does not allow";
  if (settings.worker.sandbox == SandboxRule::required) {
    return {State::bad, "sandbox", lack + ": worker.sandbox = required starts no worker"};
  }
  return {State::doubtful, "sandbox", lack + ": a damaged recording may do harm"};
}

struct JobCounts {
  int64_t waiting = 0;
  size_t running = 0;
};

JobCounts count_jobs(Store& store) {
  JobCounts jobs;
  for (const Depth& depth : store.jobs().depths()) jobs.waiting += depth.waiting;
  jobs.running = store.jobs().processing().size();
  return jobs;
}

std::string description_of(const RegisteredWorker& worker) {
  const WorkerDescription& is = worker.description;
  switch (worker.state) {
    case WorkerState::alive:
      return is.name + ", " + std::to_string(is.capacity) + " jobs at once on " + is.device;
    case WorkerState::silent:
      return is.name + ", silent: its process is stopped or hangs; continue it or end it";
    case WorkerState::dead:
      break;
  }
  return is.name + ", dead";
}

/// A silent worker is a reason to look, and so are jobs that wait or run without a living worker.
Finding look_at_workers(WorkerRegistry& registry, const JobCounts& jobs) {
  std::string text;
  bool any_alive = false;
  bool any_silent = false;
  for (const RegisteredWorker& worker : registry.list()) {
    any_alive = any_alive || worker.state == WorkerState::alive;
    any_silent = any_silent || worker.state == WorkerState::silent;
    text += (text.empty() ? "" : "; ") + description_of(worker);
  }
  if (any_silent) return {State::doubtful, "workers", text};
  if (text.empty()) text = "none runs";
  if (any_alive || (jobs.waiting == 0 && jobs.running == 0)) return {State::good, "workers", text};
  return {State::doubtful, "workers", text + "; start steno serve or steno worker for the jobs"};
}

Finding finding_of(const Place& place) {
  if (!place.state.complaint.empty()) {
    return {State::bad, place.subject, place.name + ": " + place.state.complaint};
  }
  if (place.state.exists) return {State::good, place.subject, place.name};
  return {
      State::doubtful, place.subject,
      place.name + " does not exist; steno serve makes it. If it should exist, correct the name"};
}

/// Adds what `steno serve` would refuse or make. True if all places exist and can be used.
bool look_at_data(const Settings& settings, std::vector<Finding>& findings) {
  bool is_good = true;
  for (const Place& place : look_at_places(settings)) {
    findings.push_back(finding_of(place));
    is_good = is_good && findings.back().state == State::good;
  }
  if (const auto own = settings_of_one_process(settings); !own.empty()) {
    findings.push_back(
        {State::doubtful, "database", own.front() + ": nothing is kept when steno serve ends"});
    return false;
  }
  if (const auto known = require_database_of_blobs(settings); !known) {
    findings.push_back({State::bad, "database", known.error().message});
    return false;
  }
  return is_good;
}

void examine_data(const Settings& settings, std::vector<Finding>& findings) {
  auto backends = open_backends(settings);
  if (!backends) {
    findings.push_back({State::bad, "database", backends.error().message});
    return;
  }
  const auto sound = backends->store->administration().check();
  findings.push_back(
      {sound ? State::good : State::bad, "database", sound ? "sound" : sound.error().message});
  findings.push_back(look_at_disk(settings, *backends->blobs));
  const JobCounts jobs = count_jobs(*backends->store);
  findings.push_back(
      {State::good, "jobs",
       std::to_string(jobs.waiting) + " waiting, " + std::to_string(jobs.running) + " running"});
  findings.push_back(look_at_workers(*backends->workers, jobs));
}

}  // namespace

std::vector<Finding> examine(const Settings& settings, const Environment& environment,
                             const sandbox::Protection& protection) {
  std::vector<Finding> findings = {look_at_processor(), look_at_model(settings, environment),
                                   look_at_voice_model(environment), look_at_clock(),
                                   look_at_sandbox(settings, protection)};
  if (!settings.server.tls_certificate.empty()) {
    findings.push_back(look_at_certificate(settings.server));
  }
  const ServiceFolder folder{std::filesystem::absolute(settings.data_dir)};
  findings.push_back(look_at_addresses(settings, folder));
  if (look_at_data(settings, findings)) examine_data(settings, findings);
  return findings;
}

}  // namespace steno::app
