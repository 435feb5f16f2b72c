#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "options/options.h"
#include "telemetry/log.h"

namespace steno::app {

/// Spans of time in the settings. The configuration gives them in seconds, fractions allowed.
using Duration = std::chrono::milliseconds;

/// Who may call without an API key.
enum class OpenWithoutKey { never, loopback };

/// The HTTP server.
struct ServerSettings {
  std::vector<std::string> listen = {"127.0.0.1:8080"};  ///< host:port, IPv6 as [::1]:8080
  std::string tls_certificate;                           ///< file in PEM; empty: plain HTTP
  std::string tls_key;                                   ///< file in PEM
  int threads = 0;  ///< of the network; 0: one per core, at most 4
  std::uint64_t max_upload_bytes = std::uint64_t{4} << 30;
  int max_connections = 16'384;
  int max_requests_per_key = 12'000;      ///< at once
  int max_uploads_per_key = 1'000;        ///< begun and no job's yet
  std::vector<std::string> cors_origins;  ///< "https://app.example", or "*"
  /// loopback: only when every address of `listen` is one.
  OpenWithoutKey open_without_key = OpenWithoutKey::never;
  std::string public_url;  ///< what links start with, no slash at the end; empty: as asked for
  Duration shutdown_grace = std::chrono::seconds(30);
  Duration link_ttl = std::chrono::hours(1);
  Duration upload_ttl = std::chrono::hours(24);  ///< for its bytes, and then for its job
  bool metrics_without_key = false;
};

/// The life of jobs.
struct JobSettings {
  int max_attempts = 3;
  int max_losses = 10;
  Duration retry_base = std::chrono::seconds(2);
  Duration retry_max = std::chrono::minutes(5);
  Duration time_limit = std::chrono::hours(4);
  Duration queue_ttl = std::chrono::hours(24);
  int max_queued = 10'000;
  int max_queued_per_key = 1'000;
  Duration ageing = std::chrono::seconds(60);  ///< waiting that equals one step of priority
  Duration lease = std::chrono::seconds(15);
  Duration retention_audio = std::chrono::hours(7 * 24);  ///< 0: deleted when the job has ended
  Duration retention_results = std::chrono::hours(30 * 24);
  Duration idempotency_ttl = std::chrono::hours(24);
  std::uint64_t min_free_disk_bytes = std::uint64_t{1} << 30;
};

/// Worker processes.
struct WorkerSettings {
  int count = 1;          ///< children of `serve`; 0: workers are started by themselves
  int jobs_at_once = 16;  ///< of one worker
  int short_reserve = 4;  ///< of those, places kept for recordings of at most short_bytes
  std::uint64_t short_bytes = std::uint64_t{8} << 20;
  std::string model = "base";               ///< for jobs that name none
  std::vector<std::string> warm_models;     ///< loaded at the start
  std::uint64_t model_memory_bytes = 0;     ///< 0: half of the machine's memory
  Duration poll = std::chrono::seconds(2);  ///< between looks for work that nobody told of
  Duration heartbeat = std::chrono::seconds(2);
  DeviceOptions device;
};

/// Audio by URL.
struct FetchSettings {
  std::uint64_t max_bytes = std::uint64_t{4} << 30;
  Duration timeout = std::chrono::hours(1);
  Duration connect_timeout = std::chrono::seconds(10);
  int max_redirects = 5;
  std::vector<std::string> allow_networks;  ///< CIDR; private networks that may be reached
};

/// What is written to standard error.
struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;
};

/// Every setting of the service, checked. `app/config.h` reads them.
struct Settings {
  std::string data_dir;  ///< database, audio, results
  ServerSettings server;
  JobSettings jobs;
  WorkerSettings worker;
  FetchSettings fetch;
  LogSettings log;
};

}  // namespace steno::app
