#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/call_times.h"
#include "telemetry/failure_log.h"

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

/// The waiting jobs of one priority.
struct QueuedJobs {
  int priority = 0;
  std::uint64_t jobs = 0;
  double oldest_seconds = 0;  ///< waiting time of the oldest job
};

/// A loaded model.
struct LoadedModel {
  std::string name;
  int workers = 0;          ///< number of workers that have it loaded
  std::uint64_t bytes = 0;  ///< in all workers
};

/// The number of worker processes in each state.
struct WorkerCounts {
  int starting = 0;
  int idle = 0;
  int busy = 0;
  int silent = 0;  ///< run and send no heartbeats
};

/// The end of a job. Texts come from small, fixed sets: error codes, never messages.
struct EndedJob {
  std::string_view state;           ///< "completed", "failed", "cancelled"
  std::string_view cause = "none";  ///< the error code of a failure
  double seconds = 0;               ///< from submission to end
  double work_seconds = 0;          ///< of that, time with a worker; 0: never started
  double audio_seconds = 0;         ///< length of the transcribed audio
};

/// The service's metrics for Prometheus. Thread-safe; calls are short and do no I/O. If a label
/// takes too many values, the rest is "other", so that no caller can fill the memory.
class Metrics {
 public:
  explicit Metrics(std::string_view version);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// `route` is the route's pattern ("/api/v1/jobs/{id}"), never the requested path.
  void request_ended(std::string_view method, std::string_view route, int status, double seconds);
  void event_stream_opened();
  void event_stream_closed();

  void job_ended(const EndedJob& job);
  void stage_ended(std::string_view stage, double seconds);
  void database_call(std::string_view operation, double seconds);
  /// Adds the calls of another process.
  void database_calls(const AllCallTimes& more);

  void housekeeping_failed(Duty duty);

  /// Sets the current queue; priorities that are not listed are empty.
  void set_queue(std::span<const QueuedJobs> queue);
  /// Sets the loaded models; models that are not listed are removed.
  void set_models(std::span<const LoadedModel> models);
  void set_workers(const WorkerCounts& workers);

  /// All metrics in Prometheus' text format, version 0.0.4.
  std::string text() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace steno
