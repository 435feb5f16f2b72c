#include "app/service/serve_command.h"

#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <stop_token>
#include <thread>

#include "api/jobs/event_hub.h"
#include "api/service.h"
#include "api/system/job_metrics.h"
#include "app/backends.h"
#include "app/config/config_options.h"
#include "app/exit_status.h"
#include "app/service/service_folder.h"
#include "app/service/worker_command.h"
#include "app/service/worker_run.h"
#include "app/service/worker_watch.h"
#include "app/terminal/interrupt.h"
#include "app/terminal/printable.h"
#include "base/mutex.h"
#include "http/http.h"
#include "net/address.h"
#include "telemetry/call_times.h"
#include "telemetry/failure_log.h"
#include "worker/housekeeping.h"
#include "worker/supervisor.h"

namespace steno::app {
namespace {

// Time for the last writes, after the grace period of requests and workers.
constexpr Milliseconds kLastWrites{15'000};
constexpr size_t kBlockingThreads = 16;
constexpr size_t kUploadThreads = 16;

api::ApiOptions api_options(const Settings& settings) {
  api::ApiOptions options;
  options.max_upload_bytes = settings.server.max_upload_bytes;
  options.min_free_disk_bytes = settings.jobs.min_free_disk_bytes;
  options.default_model = settings.worker.model;
  options.max_attempts = settings.jobs.max_attempts;
  options.time_limit = settings.jobs.time_limit;
  options.queue_ttl = settings.jobs.queue_ttl;
  options.link_ttl = settings.server.link_ttl;
  options.max_requests_per_key = settings.server.max_requests_per_key;
  options.max_uploads_per_key = settings.server.max_uploads_per_key;
  options.upload_ttl = settings.server.upload_ttl;
  options.idempotency_ttl = settings.jobs.idempotency_ttl;
  options.public_url = settings.server.public_url;
  options.open_without_key = settings.server.open_without_key == OpenWithoutKey::loopback;
  options.metrics_without_key = settings.server.metrics_without_key;
  options.cors_origins = settings.server.cors_origins;
  return options;
}

int server_threads(const ServerSettings& settings) {
  if (settings.threads > 0) return settings.threads;
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1u, 4u));
}

http::TrustProxy trust_in(const std::vector<std::string>& networks) {
  auto trusted = net::parse_networks(networks);
  if (trusted.empty()) return {};
  return [trusted = std::move(trusted)](std::string_view text) {
    const auto address = net::Address::parse(text);
    return address && net::is_in(*address, trusted);
  };
}

http::ServerOptions server_options(const ServerSettings& settings) {
  http::ServerOptions options;
  options.listen = settings.listen;
  options.threads = server_threads(settings);
  options.is_trusted_proxy = trust_in(settings.trusted_proxies);
  options.limits.connections = static_cast<size_t>(settings.max_connections);
  if (!settings.tls_certificate.empty()) {
    options.tls = http::TlsFiles{settings.tls_certificate, settings.tls_key};
  }
  return options;
}

http::ServerHooks server_hooks(Log& log, Metrics& metrics) {
  http::ServerHooks hooks;
  hooks.on_access = [&log, &metrics](const http::Access& access) {
    metrics.request_ended(access.method, access.route, access.status, access.seconds);
    log.info("request", {{"request_id", access.request_id},
                         {"method", access.method},
                         {"path", access.path},
                         {"status", access.status},
                         {"seconds", access.seconds},
                         {"received_bytes", access.received_bytes},
                         {"sent_bytes", access.sent_bytes},
                         {"address", access.remote_address}});
  };
  hooks.on_error = [&log](std::string_view request_id, std::string_view what) {
    log.error("request failed", {{"request_id", request_id}, {"cause", what}});
  };
  return hooks;
}

/// Raises the limit of open files to the system's maximum, because each connection needs one.
void raise_file_limit(Log& log, int connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const auto wanted = static_cast<rlim_t>(connections) + 100;
  if (limit.rlim_cur < wanted) {
    log.warning("the system allows fewer open files than server.max_connections needs",
                {{"allowed", limit.rlim_cur}, {"wanted", wanted}});
  }
}

/// The number of worker processes that the service starts.
int worker_processes(const Settings& settings) {
  return settings_of_one_process(settings).empty() ? settings.worker.count : 0;
}

/// The running service. Members are in the order in which they depend on each other.
class ServiceRun {
 public:
  ServiceRun(const Settings& settings, const ConfigFlags& flags, const Environment& environment,
             const sandbox::Sandbox& sandbox, Log& log, Metrics& metrics, FailureLog& failures,
             Backends backends, ServiceLock lock)
      : settings_(settings),
        log_(log),
        failures_(failures),
        lock_(std::move(lock)),
        backends_(std::move(backends)),
        library_(environment.model_folders),
        workers_(worker_processes(settings), *backends_.workers, backends_.store->jobs()),
        pool_(kBlockingThreads),
        upload_pool_(kUploadThreads),
        job_metrics_(backends_.store->jobs(), metrics),
        events_(backends_.store->events(), *backends_.event_notifier, log,
                [this](const Event& event) { job_metrics_.on_event(event); }),
        services_({*backends_.store, *backends_.lifecycle, *backends_.blobs, *backends_.staging,
                   library_, *backends_.clock, log},
                  api_options(settings)),
        service_{services_, events_, library_,     *backends_.clock,     log,
                 metrics,   pool_,   upload_pool_, api_options(settings)},
        server_((add_routes(), router_), server_options(settings.server),
                server_hooks(log, metrics)),
        flags_(flags),
        environment_(environment),
        sandbox_(sandbox) {}

  Result<void> start() {
    if (auto started = server_.start(); !started) return started;
    housekeeping_.emplace(housekeeping_parts(), housekeeping_options());
    start_workers();
    if (auto said = lock_.announce({getpid(), server_.addresses()}); !said) {
      stop();
      return said;
    }
    for (const std::string& address : server_.addresses()) {
      log_.info("listening",
                {{"address", address},
                 {"data_dir", std::filesystem::absolute(settings_.data_dir).string()}});
    }
    return {};
  }

  void reload() {
    if (settings_.server.tls_certificate.empty()) return;
    if (const auto done = server_.reload_certificates(); !done) {
      log_.error("the certificates cannot be used, the old ones stay",
                 {{"cause", done.error().message}});
    } else {
      log_.info("certificates read again");
    }
  }

  /// Stops requests and workers at the same time.
  void stop() {
    const Milliseconds grace = settings_.server.shutdown_grace;
    stopping_ = true;
    log_.info("stopping", {{"grace_s", std::chrono::duration<double>(grace).count()}});
    for (std::jthread& worker : worker_threads_) worker.request_stop();
    std::thread workers([&] {
      if (supervisor_) supervisor_->stop(grace + kLastWrites / 2);
      worker_threads_.clear();
    });
    server_.stop(grace);
    workers.join();
    housekeeping_.reset();
    log_.info("stopped");
  }

 private:
  void add_routes() {
    services_.readiness.add({"workers", [this] { return workers_.look(); }});
    services_.readiness.add({"database_and_blobs",
                             [this]() -> Result<void> {
                               const std::string held = describe(backends_.pairing->match());
                               if (held.empty()) return {};
                               return fail(Errc::conflict, held);
                             },
                             service::Gravity::warning});
    services_.readiness.add({"disk_reserve", [this]() -> Result<void> {
                               const auto state = backends_.store->administration().reserve();
                               if (state != DiskReserve::State::given_up) return {};
                               return fail(Errc::no_space, "the disk of the database is full");
                             }});
    services_.readiness.add({"clock",
                             [this]() -> Result<void> {
                               const auto jump = backends_.clock->jump();
                               if (!jump) return {};
                               return fail(Errc::conflict, describe(*jump, backends_.clock->now()));
                             },
                             service::Gravity::warning});
    service_.measure_workers = [this](Metrics& metrics) {
      metrics.set_models(workers_.models());
      for (const AllCallTimes& calls : workers_.new_database_calls()) metrics.database_calls(calls);
      metrics.set_workers(workers_.counts());
      measure_held_deletions(metrics);
      const bool is_kept = backends_.store->administration().reserve() == DiskReserve::State::kept;
      metrics.set_reserve(is_kept ? settings_.jobs.disk_reserve_bytes : 0);
    };
    api::add_api(router_, service_);
  }

  void measure_held_deletions(Metrics& metrics) const {
    const auto jump = backends_.clock->jump();
    metrics.set_clock_jump(jump.value_or(ClockJump()).by);
    metrics.set_deletions_held("clock", jump.has_value());
    for (const Match match : kMismatches) {
      metrics.set_deletions_held(to_string(match), backends_.pairing->match() == match);
    }
  }

  HousekeepingParts housekeeping_parts() {
    return {*backends_.store,   *backends_.lifecycle, *backends_.blobs,   *backends_.staging,
            *backends_.workers, *backends_.clock,     *backends_.pairing, log_,
            failures_};
  }

  HousekeepingOptions housekeeping_options() const {
    HousekeepingOptions options;
    options.lease = settings_.jobs.lease;
    options.trash_age = settings_.jobs.retention_trash;
    const Milliseconds shortest =
        std::min(settings_.jobs.retention_audio, settings_.jobs.retention_results);
    options.clean_every = std::clamp(shortest, options.every, options.clean_every);
    return options;
  }

  /// Starts workers as processes, or as threads if another process could not reach the backends.
  void start_workers() {
    if (settings_of_one_process(settings_).empty()) {
      supervisor_.emplace(supervisor_options());
      workers_.supervise(*supervisor_);
      return;
    }
    for (int i = 0; i < settings_.worker.count; ++i) {
      worker_threads_.emplace_back([this](const std::stop_token& stop) { run_worker(stop); });
    }
  }

  void run_worker(const std::stop_token& stop) {
    try {
      const auto worker = WorkerRun::start(
          {settings_, environment_, sandbox_, backends_, no_calls_, log_}, new_worker_name(), stop);
      if (!worker) {
        log_.error("the worker cannot start", {{"cause", worker.error().message}});
      } else {
        (void)(*worker)->run(stop);  // the log has the reason of an early end
      }
    } catch (const std::exception& error) {
      log_.error("a worker has ended", {{"cause", error.what()}});
    }
  }

  SupervisorOptions supervisor_options() {
    SupervisorOptions options;
    options.workers = settings_.worker.count;
    options.command = [this](const std::string& name) { return worker_command_line(flags_, name); };
    options.on_end = [this](const std::string& name, const std::string& how) {
      lose_worker(name, how);
    };
    return options;
  }

  void lose_worker(const std::string& name, const std::string& how) {
    try {
      const int jobs = backends_.lifecycle->lost_worker(name);
      const LogFields fields = {{"worker", name}, {"how", how}, {"lost_jobs", jobs}};
      stopping_&& jobs == 0 ? log_.info("a worker has ended", fields)
                            : log_.warning("a worker has ended", fields);
    } catch (const std::exception& error) {  // housekeeping releases them when the database is back
      log_.error("the jobs of a worker that has ended cannot be released",
                 {{"worker", name}, {"how", how}, {"cause", error.what()}});
    }
  }

  const Settings& settings_;
  Log& log_;
  FailureLog& failures_;
  ServiceLock lock_;
  Backends backends_;
  const models::Library library_;
  WorkerWatch workers_;
  http::BlockingPool pool_;
  http::BlockingPool upload_pool_;
  api::JobMetrics job_metrics_;
  api::EventHub events_;
  service::Services services_;
  api::Service service_;
  http::Router router_;
  http::Server server_;
  const ConfigFlags& flags_;
  const Environment& environment_;
  const sandbox::Sandbox& sandbox_;
  const CallTimer no_calls_;  // calls of worker threads are counted in this process
  std::atomic<bool> stopping_ = false;
  std::optional<Housekeeping> housekeeping_;
  std::optional<Supervisor> supervisor_;
  std::vector<std::jthread> worker_threads_;
};

/// Waits for the signal that stops the service, and passes on SIGHUP.
class Signals {
 public:
  explicit Signals(Milliseconds grace)
      : interrupt_([this] { end(); }, [] { _exit(kInterrupted); }, grace, [this] { hang_up(); }) {}

  /// Calls `hang_up` for each SIGHUP until the service must stop.
  void wait(const std::function<void()>& hang_up) {
    MutexLock lock(mutex_);
    while (true) {
      changed_.wait(mutex_, [this]() REQUIRES(mutex_) { return ended_ || hung_up_; });
      if (ended_) return;
      hung_up_ = false;
      lock.unlock();
      hang_up();
      lock.lock();
    }
  }

 private:
  void end() {
    const MutexLock lock(mutex_);
    ended_ = true;
    changed_.notify_one();
  }

  void hang_up() {
    const MutexLock lock(mutex_);
    hung_up_ = true;
    changed_.notify_one();
  }

  Mutex mutex_;
  CondVar changed_;
  bool ended_ GUARDED_BY(mutex_) = false;
  bool hung_up_ GUARDED_BY(mutex_) = false;
  const Interrupt interrupt_;
};

Result<void> serve(const Settings& settings, const ConfigFlags& flags,
                   const Environment& environment, const sandbox::Sandbox& sandbox,
                   Signals& signals) {
  Log log(settings.log.level, settings.log.format);
  Metrics metrics(STENO_VERSION);
  raise_file_limit(log, settings.server.max_connections);
  FailureLog failures(log, [&metrics](Duty duty) { metrics.housekeeping_failed(duty); });
  const auto places = look_at_places(settings);
  auto folder = prepare_service_data(settings);
  if (!folder) return tl::unexpected(folder.error());
  auto lock = ServiceLock::take(*folder);
  if (!lock) return tl::unexpected(lock.error());
  auto backends = open_service_backends(
      settings,
      {.database = [&metrics](std::string_view operation,
                              double seconds) { metrics.database_call(operation, seconds); },
       .failure = [&failures](Duty duty, std::string_view error) { failures.add(duty, error); }});
  if (!backends) return tl::unexpected(backends.error());
  for (const Place& place : places) {
    if (place.state.exists) continue;
    log.info("a new place for data is made", {{"kind", place.subject}, {"place", place.name}});
  }

  if (const auto aside = backends->store->administration().set_aside(); !aside.empty()) {
    log.warning("a file was set aside", {{"cause", aside}});
  }
  ServiceRun run(settings, flags, environment, sandbox, log, metrics, failures,
                 std::move(*backends), std::move(*lock));
  if (auto started = run.start(); !started) return started;
  signals.wait([&run] { run.reload(); });
  run.stop();
  return {};
}

}  // namespace

void add_serve_command(CLI::App& command, ConfigFlags& flags) {
  add_config_options(command, flags);
}

int run_serve_command(const ConfigFlags& flags, const std::map<std::string, std::string>& variables,
                      const Environment& environment, const sandbox::Sandbox& sandbox,
                      std::FILE* messages) {
  const auto say = [messages](const std::string& message) {
    std::fprintf(messages, "steno: %s\n", printable(message).c_str());
  };
  const auto configured = read_config(flags, variables).checked();
  if (!configured) {
    say(configured.error().message);
    return kWrongUsage;
  }
  Signals signals(configured->server.shutdown_grace + kLastWrites);
  if (const auto served = serve(*configured, flags, environment, sandbox, signals); !served) {
    say(served.error().message);
    return kSomeFailed;
  }
  return kDone;
}

}  // namespace steno::app
