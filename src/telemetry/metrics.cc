#include "telemetry/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <locale>
#include <sstream>

#include "base/mutex.h"
#include "telemetry/bounded_label.h"

namespace steno {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Buckets = Histogram::BucketBoundaries;

constexpr int kHighestPriority = 9;
constexpr std::size_t kMostRoutes = 100;
constexpr std::size_t kMostNames = 50;

// Seconds, unless the name states otherwise.
const Buckets& request_buckets() {
  static const Buckets buckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                  0.5,   1,      2.5,   5,    10,    30,   60};
  return buckets;
}
const Buckets& job_buckets() {
  static const Buckets buckets = {0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1800, 3600, 14400};
  return buckets;
}
const Buckets& stage_buckets() {
  static const Buckets buckets = {0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200};
  return buckets;
}
const Buckets& speed_buckets() {
  static const Buckets buckets = {0.5, 1, 2, 5, 10, 20, 30, 50, 75, 100, 200, 500};
  return buckets;
}
Buckets database_buckets() {
  const auto bounds = call_time_bounds();
  return {bounds.begin(), bounds.end()};
}

std::string meaning_of(std::string_view name) {
  const auto table = metric_table();
  return std::string(std::ranges::find(table, name, &MetricInfo::name)->meaning);
}

Family<Counter>& counters(prometheus::Registry& registry, const std::string& name) {
  return prometheus::BuildCounter().Name(name).Help(meaning_of(name)).Register(registry);
}
Family<Gauge>& gauges(prometheus::Registry& registry, const std::string& name) {
  return prometheus::BuildGauge().Name(name).Help(meaning_of(name)).Register(registry);
}
Family<Histogram>& histograms(prometheus::Registry& registry, const std::string& name) {
  return prometheus::BuildHistogram().Name(name).Help(meaning_of(name)).Register(registry);
}

std::string method_label(std::string_view method) {
  constexpr std::array<std::string_view, 7> kMethods = {"GET",   "HEAD",   "POST",   "PUT",
                                                        "PATCH", "DELETE", "OPTIONS"};
  const bool is_known = std::ranges::find(kMethods, method) != kMethods.end();
  return is_known ? std::string(method) : "other";
}

std::string status_label(int status) {
  return status >= 100 && status <= 599 ? std::to_string(status) : "other";
}

}  // namespace

struct Metrics::Implementation {
  prometheus::Registry registry;
  Family<Counter>& requests = counters(registry, "steno_http_requests_total");
  Family<Histogram>& request_seconds = histograms(registry, "steno_http_request_seconds");
  Gauge& event_streams = gauges(registry, "steno_event_streams").Add({});
  Family<Gauge>& queue_jobs = gauges(registry, "steno_queue_jobs");
  Family<Gauge>& queue_oldest = gauges(registry, "steno_queue_oldest_seconds");
  Family<Counter>& jobs = counters(registry, "steno_jobs_total");
  Histogram& job_seconds = histograms(registry, "steno_job_seconds").Add({}, job_buckets());
  Family<Histogram>& stage_seconds = histograms(registry, "steno_stage_seconds");
  Counter& audio_seconds = counters(registry, "steno_audio_seconds_total").Add({});
  Histogram& audio_speed = histograms(registry, "steno_audio_speed").Add({}, speed_buckets());
  Family<Gauge>& models_loaded = gauges(registry, "steno_models_loaded");
  Family<Gauge>& model_bytes = gauges(registry, "steno_model_bytes");
  Family<Gauge>& workers = gauges(registry, "steno_workers");
  Family<Histogram>& database_seconds = histograms(registry, "steno_database_seconds");
  Family<Counter>& housekeeping = counters(registry, "steno_housekeeping_failures_total");

  BoundedLabel route{kMostRoutes};
  BoundedLabel state{kMostNames};
  BoundedLabel cause{kMostNames};
  BoundedLabel stage{kMostNames};
  BoundedLabel operation{kMostNames};
  BoundedLabel model{kMostNames};

  Mutex models_mutex;  ///< a reader sees all models or none
  /// Loaded and bytes, as they were set last.
  std::vector<std::pair<Gauge*, Gauge*>> models GUARDED_BY(models_mutex);
};

Metrics::Metrics(std::string_view version) : implementation_(std::make_unique<Implementation>()) {
  auto& all = *implementation_;
  gauges(all.registry, "steno_build_info").Add({{"version", std::string(version)}}).Set(1);
  for (const char* state : {"completed", "cancelled"}) {
    all.jobs.Add({{"state", state}, {"cause", "none"}});  // a rate needs a start at 0
  }
  for (const Duty duty : all_duties()) {
    all.housekeeping.Add({{"duty", std::string(to_string(duty))}});
  }
  set_queue({});
  set_workers({});
}
Metrics::~Metrics() = default;

void Metrics::request_ended(std::string_view method, std::string_view route, int status,
                            double seconds) {
  auto& all = *implementation_;
  const std::string pattern = all.route(route);
  all.requests
      .Add({{"method", method_label(method)}, {"route", pattern}, {"status", status_label(status)}})
      .Increment();
  all.request_seconds.Add({{"route", pattern}}, request_buckets()).Observe(seconds);
}

void Metrics::event_stream_opened() { implementation_->event_streams.Increment(); }
void Metrics::event_stream_closed() { implementation_->event_streams.Decrement(); }

void Metrics::job_ended(const EndedJob& job) {
  auto& all = *implementation_;
  all.jobs.Add({{"state", all.state(job.state)}, {"cause", all.cause(job.cause)}}).Increment();
  all.job_seconds.Observe(job.seconds);
  all.audio_seconds.Increment(std::max(0.0, job.audio_seconds));
  if (job.state == "completed" && job.work_seconds > 0) {
    all.audio_speed.Observe(job.audio_seconds / job.work_seconds);
  }
}

void Metrics::stage_ended(std::string_view stage, double seconds) {
  auto& all = *implementation_;
  all.stage_seconds.Add({{"stage", all.stage(stage)}}, stage_buckets()).Observe(seconds);
}

void Metrics::database_call(std::string_view operation, double seconds) {
  auto& all = *implementation_;
  all.database_seconds.Add({{"operation", all.operation(operation)}}, database_buckets())
      .Observe(seconds);
}

void Metrics::database_calls(const AllCallTimes& more) {
  auto& all = *implementation_;
  for (const auto& [operation, times] : more) {
    all.database_seconds.Add({{"operation", all.operation(operation)}}, database_buckets())
        .ObserveMultiple({times.calls.begin(), times.calls.end()},
                         std::chrono::duration<double>(times.in_all).count());
  }
}

void Metrics::housekeeping_failed(Duty duty) {
  implementation_->housekeeping.Add({{"duty", std::string(to_string(duty))}}).Increment();
}

void Metrics::set_queue(std::span<const QueuedJobs> queue) {
  for (int priority = 0; priority <= kHighestPriority; ++priority) {
    const auto found = std::ranges::find(queue, priority, &QueuedJobs::priority);
    const QueuedJobs waiting = found == queue.end() ? QueuedJobs() : *found;
    const prometheus::Labels labels = {{"priority", std::to_string(priority)}};
    implementation_->queue_jobs.Add(labels).Set(static_cast<double>(waiting.jobs));
    implementation_->queue_oldest.Add(labels).Set(waiting.oldest_seconds);
  }
}

void Metrics::set_models(std::span<const LoadedModel> models) {
  auto& all = *implementation_;
  const MutexLock lock(all.models_mutex);
  for (const auto& [loaded, bytes] : all.models) {
    all.models_loaded.Remove(loaded);
    all.model_bytes.Remove(bytes);
  }
  all.models.clear();
  for (const LoadedModel& model : models) {
    const prometheus::Labels labels = {{"model", all.model(model.name)}};
    Gauge& loaded = all.models_loaded.Add(labels);
    Gauge& bytes = all.model_bytes.Add(labels);
    loaded.Increment(model.workers);  // several models may be "other"
    bytes.Increment(static_cast<double>(model.bytes));
    const std::pair gauges(&loaded, &bytes);
    if (std::ranges::find(all.models, gauges) == all.models.end()) all.models.push_back(gauges);
  }
}

void Metrics::set_workers(const WorkerCounts& workers) {
  const auto set = [&](const char* state, int count) {
    implementation_->workers.Add({{"state", state}}).Set(count);
  };
  set("starting", workers.starting);
  set("idle", workers.idle);
  set("busy", workers.busy);
  set("silent", workers.silent);
}

std::string Metrics::text() const {
  const MutexLock lock(implementation_->models_mutex);
  std::ostringstream text;
  text.imbue(std::locale::classic());
  prometheus::TextSerializer().Serialize(text, implementation_->registry.Collect());
  return text.str();
}

}  // namespace steno
