#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/call_times.h"

namespace steno {

/// One metric's name, type, labels and meaning.
struct MetricInfo {
  std::string_view name;
  std::string_view type;  ///< "counter", "gauge" or "histogram"
  std::vector<std::string_view> labels;
  std::string_view meaning;
};

/// Every metric, in the order of docs/metrics.md.
std::span<const MetricInfo> metric_table();

/// Jobs of one priority that wait.
struct QueuedJobs {
  int priority = 0;
  std::uint64_t jobs = 0;
  double oldest_seconds = 0;  ///< how long the oldest has waited
};

/// A model in memory.
struct LoadedModel {
  std::string name;
  int workers = 0;          ///< how many workers hold it
  std::uint64_t bytes = 0;  ///< in all of them
};

/// The worker processes by what they do.
struct WorkerCounts {
  int starting = 0;
  int idle = 0;
  int busy = 0;
};

/// How a job has ended. Texts are of small, fixed sets: error codes, never messages.
struct EndedJob {
  std::string_view state;           ///< "completed", "failed", "cancelled"
  std::string_view cause = "none";  ///< why it failed: an error's code
  double seconds = 0;               ///< from submission to end
  double work_seconds = 0;          ///< of those, in the hands of a worker; 0: never started
  double audio_seconds = 0;         ///< length of the recording, as far as it was transcribed
};

/// The service's metrics for Prometheus. Thread-safe; calls are short and never block on I/O. A
/// label that takes more values than it should has "other" for the rest, so that no caller can fill
/// the memory.
class Metrics {
 public:
  explicit Metrics(std::string_view version);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// `route` is the route's pattern ("/api/v1/jobs/{id}"), never the path that was asked for.
  void request_ended(std::string_view method, std::string_view route, int status, double seconds);
  void event_stream_opened();
  void event_stream_closed();

  void job_ended(const EndedJob& job);
  void stage_ended(std::string_view stage, double seconds);
  void database_call(std::string_view operation, double seconds);
  /// Those of another process.
  void database_calls(const AllCallTimes& more);

  /// The queue as it is now; priorities that are not named are empty.
  void set_queue(std::span<const QueuedJobs> queue);
  /// The models in memory now; those not named are gone.
  void set_models(std::span<const LoadedModel> models);
  void set_workers(const WorkerCounts& workers);

  /// All of them in Prometheus' text format, version 0.0.4.
  std::string text() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace steno
