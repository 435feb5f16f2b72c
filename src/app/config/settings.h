#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "options/options.h"
#include "telemetry/log.h"

namespace steno::app {

/// Durations in the settings. The configuration gives them in seconds; fractions are allowed.
using Duration = std::chrono::milliseconds;

/// Which callers need no API key.
enum class OpenWithoutKey { never, loopback };

/// Whether recordings may be decoded where the kernel lacks a part of the sandbox.
enum class SandboxRule { available, required };

/// The HTTP server.
struct ServerSettings {
  std::vector<std::string> listen = {"127.0.0.1:8080"};  ///< host:port; IPv6 as [::1]:8080
  std::string tls_certificate;                           ///< file in PEM; empty: plain HTTP
  std::string tls_key;                                   ///< file in PEM
  int threads = 0;  ///< network threads; 0: one per core, at most 4
  std::uint64_t max_upload_bytes = std::uint64_t{4} << 30;
  int max_connections = 16'384;
  int max_requests_per_key = 12'000;      ///< concurrent requests
  int max_uploads_per_key = 1'000;        ///< started and not yet used by a job
  std::vector<std::string> cors_origins;  ///< "https://app.example", or "*"
  /// loopback: allowed only if every address of `listen` is a loopback address.
  OpenWithoutKey open_without_key = OpenWithoutKey::never;
  /// Start of links, without a slash at the end; empty: the requested host.
  std::string public_url;
  Duration shutdown_grace = std::chrono::seconds(30);
  Duration link_ttl = std::chrono::hours(1);
  /// Time for the upload, and time that it then waits for a job.
  Duration upload_ttl = std::chrono::hours(24);
  bool metrics_without_key = false;
};

/// Limits and times of jobs.
struct JobSettings {
  int max_attempts = 3;
  int max_losses = 10;
  Duration retry_base = std::chrono::seconds(2);
  Duration retry_max = std::chrono::minutes(5);
  Duration time_limit = std::chrono::hours(4);
  Duration queue_ttl = std::chrono::hours(24);
  int max_queued = 10'000;
  int max_queued_per_key = 1'000;
  Duration ageing = std::chrono::seconds(60);  ///< waiting time that equals one step of priority
  Duration lease = std::chrono::seconds(15);
  Duration retention_audio = std::chrono::hours(7 * 24);  ///< 0: deleted when the job has ended
  Duration retention_results = std::chrono::hours(30 * 24);
  Duration idempotency_ttl = std::chrono::hours(24);
  std::uint64_t min_free_disk_bytes = std::uint64_t{1} << 30;
};

/// Worker processes.
struct WorkerSettings {
  int count = 1;          ///< child processes of `serve`; 0: `steno worker` is started separately
  int jobs_at_once = 16;  ///< of one worker
  int short_reserve = 4;  ///< of those, places reserved for recordings of at most short_bytes
  std::uint64_t short_bytes = std::uint64_t{8} << 20;
  std::string model = "base";               ///< for jobs that name no model
  std::vector<std::string> warm_models;     ///< loaded at the start
  std::uint64_t model_memory_bytes = 0;     ///< 0: half of the machine's memory
  Duration poll = std::chrono::seconds(2);  ///< interval of looking for jobs without a notification
  Duration heartbeat = std::chrono::seconds(2);
  SandboxRule sandbox = SandboxRule::available;
  DeviceOptions device;
};

/// Recordings that are fetched from a URL.
struct FetchSettings {
  std::uint64_t max_bytes = std::uint64_t{4} << 30;
  Duration timeout = std::chrono::hours(1);
  Duration connect_timeout = std::chrono::seconds(10);
  int max_redirects = 5;
  std::vector<std::string> allow_networks;  ///< CIDR; private networks that may be contacted
};

/// Where a backend keeps its data; see app/addresses.h.
struct AddressSettings {
  std::string url;  ///< empty: in data_dir
};

/// Log output on standard error.
struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::automatic;
};

/// All settings of the service, validated. `app/config/config.h` reads them.
struct Settings {
  std::string data_dir;  ///< uploads, locks, and by default database, audio and results
  AddressSettings store;
  AddressSettings blobs;
  AddressSettings queue;
  ServerSettings server;
  JobSettings jobs;
  WorkerSettings worker;
  FetchSettings fetch;
  LogSettings log;
};

}  // namespace steno::app
