#include "telemetry/metrics.h"

namespace steno {

std::span<const MetricInfo> metric_table() {
  static const std::vector<MetricInfo> table = {
      {"steno_build_info", "gauge", {"version"}, "Always 1; the label is the program's version"},
      {"steno_http_requests_total",
       "counter",
       {"method", "route", "status"},
       "Requests answered, by the route's pattern"},
      {"steno_http_request_seconds",
       "histogram",
       {"route"},
       "From the first byte of a request to the last byte of its answer"},
      {"steno_event_streams", "gauge", {}, "Open event streams"},
      {"steno_queue_jobs", "gauge", {"priority"}, "Jobs that are waiting for a worker"},
      {"steno_queue_oldest_seconds",
       "gauge",
       {"priority"},
       "How long the oldest waiting job has waited"},
      {"steno_jobs_total",
       "counter",
       {"state", "cause"},
       "Ended jobs: completed, failed or cancelled; the cause is the error code of a failure, "
       "otherwise none"},
      {"steno_job_seconds", "histogram", {}, "From the submission of a job to its end"},
      {"steno_stage_seconds", "histogram", {"stage"}, "Time that a job spent in a stage"},
      {"steno_audio_seconds_total", "counter", {}, "Seconds of audio transcribed"},
      {"steno_audio_speed",
       "histogram",
       {},
       "Seconds of audio per second of work, for each completed job"},
      {"steno_models_loaded", "gauge", {"model"}, "Workers that have the model in memory"},
      {"steno_model_bytes", "gauge", {"model"}, "Memory of the model in all workers"},
      {"steno_workers",
       "gauge",
       {"state"},
       "Worker processes: starting, idle, busy, or silent: running without heartbeats"},
      {"steno_database_seconds",
       "histogram",
       {"operation"},
       "Duration of a database call by the service or one of its workers"},
      {"steno_housekeeping_failures_total",
       "counter",
       {"duty"},
       "Failed attempts of the service at periodic duties and at removing data; each is tried "
       "again"},
  };
  return table;
}

}  // namespace steno
