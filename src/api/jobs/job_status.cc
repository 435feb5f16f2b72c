#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/access/audio_links.h"
#include "api/core/answers.h"
#include "api/core/query_reader.h"
#include "api/jobs/event_hub.h"
#include "api/jobs/job_routes.h"
#include "api/jobs/job_view.h"
#include "api/jobs/result_reader.h"
#include "api/jobs/shown_results.h"
#include "http/signal.h"

namespace steno::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kLongestWait = 60;
constexpr std::uint64_t kMostInlineBytes = 1024 * 1024;

class JobStatus {
 public:
  explicit JobStatus(Service& service) : service_(service), links_(service) {}

  http::Task<void> answer(http::Request& request, http::Responder& responder) {
    QueryReader reader(request.query());
    const auto wait = reader.integer("wait", 0, kLongestWait).value_or(0);
    reader.finish();
    if (wait > 0) co_await wait_for_change(request, responder, std::chrono::seconds(wait));
    auto build = [this, &request] {
      return build_answer(request,
                          find_own_job(service_, caller_of(request), request.parameter("job_id")));
    };
    auto response = co_await http::offload(service_.pool, build);
    co_await responder.send(std::move(response));
  }

 private:
  http::Task<void> wait_for_change(http::Request& request, http::Responder& responder,
                                   std::chrono::seconds longest);
  http::Response build_answer(const http::Request& request, const Job& job);
  JobDetails details_of(const Job& job, const std::string& base_url);
  std::shared_ptr<const std::string> inline_result(const Job& job);

  Service& service_;
  AudioLinks links_;
  ShownResults shown_;
};

/// Returns when the job's state or stage changes or the service stops; at once for a job that has
/// ended.
http::Task<void> JobStatus::wait_for_change(http::Request& request, http::Responder& responder,
                                            std::chrono::seconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  http::Signal signal(responder.executor());
  const auto wake = signal.notifier();
  responder.on_client_gone(wake);
  responder.on_stop(wake);
  auto on_event = [wake](const EventHub::Notification& notification) {
    if (notification.event.type != "segment") wake();
  };
  const auto subscription = service_.events.subscribe(request.parameter("job_id"), on_event);
  const Job first = co_await own_job(service_, request);
  Job job = first;
  while (!is_final(job.state) && job.state == first.state && job.stage == first.stage &&
         !responder.stopping()) {
    if (co_await signal.wait_until(deadline) == http::Signal::Woken::by_time) break;
    if (responder.client_gone()) throw http::ClientGone();
    job = co_await own_job(service_, request);
  }
  responder.on_client_gone(nullptr);
  responder.on_stop(nullptr);
}

http::Response JobStatus::build_answer(const http::Request& request, const Job& job) {
  const auto base = base_url(request, service_.options);
  auto status = status_of(job, details_of(job, base));
  if (job.state == State::completed) status["result_url"] = base + job_path(job.id, "/result");
  auto body = status.dump(-1, ' ', false, Json::error_handler_t::replace);
  // A result never changes, so its key stands for it: a poll need not read it.
  const auto tag = etag_of(body + job.result);
  if (request.header("If-None-Match") == tag) return http::Response::empty(304).with("ETag", tag);
  if (const auto result = inline_result(job)) {
    body.pop_back();  // the last brace
    body.append(",\"result\":").append(*result).push_back('}');
  }
  return http::Response::of("application/json", std::move(body))
      .with("Cache-Control", "private, no-cache")
      .with("ETag", tag);
}

JobDetails JobStatus::details_of(const Job& job, const std::string& base_url) {
  JobDetails details{base_url, {}, {}, {}};
  if (!job.source.blob.empty()) details.audio_url = links_.make(job.id, base_url);
  if (job.state == State::pending) {
    details.waiting = service_.services.jobs.place_in_queue(job);
    details.seconds_left = service_.services.queue_pace.seconds_left(*details.waiting);
  } else {
    details.seconds_left = seconds_left(job);
  }
  return details;
}

/// The result of a completed job as JSON, unless it is large or gone.
std::shared_ptr<const std::string> JobStatus::inline_result(const Job& job) {
  if (job.state != State::completed) return nullptr;
  if (auto known = shown_.find(job.result)) return known;
  auto& jobs = service_.services.jobs;
  const auto size = value_of(jobs.result_size(job));
  if (!size || *size >= kMostInlineBytes) return nullptr;
  const auto result = value_of(jobs.read_result(job));
  if (!result) return nullptr;
  const auto transcript = transcript_to_show(*result, shown_of(job));
  if (!transcript) {  // the route of the result tells the client
    service_.log.error("a stored result is damaged",
                       {{"job_id", job.id}, {"error", transcript.error().message}});
    return nullptr;
  }
  auto text = std::make_shared<const std::string>(
      transcript->dump(-1, ' ', false, Json::error_handler_t::replace));
  shown_.keep(job.result, text);
  return text;
}

Operation operation() {
  return {
      .id = "get_job",
      .group = "Jobs",
      .summary = "Show a job: state, stage, progress, result",
      .description =
          "With `wait`, the answer is sent when the state or stage changes, or after that time. A "
          "result of up to 1 MiB is part of the answer; a larger one is at `result_url`. Send the "
          "`ETag` as `If-None-Match` to receive 304 if nothing has changed.",
      .scope = "read",
      .parameters =
          {job_id_parameter(),
           {"wait",
            Parameter::In::query,
            "Seconds to wait for a change",
            {{"type", "integer"}, {"minimum", 0}, {"maximum", kLongestWait}, {"default", 0}}},
           {"If-None-Match", Parameter::In::header, "The `ETag` of an earlier answer"}},
      .answers = {{200, "The job", {{.schema = schema_ref("Job"), .example = example_status()}}},
                  {304, "Not changed since the given `ETag`"}},
      .problems = {404, 422}};
}

}  // namespace

void add_job_status_route(Routes& routes, Service& service) {
  const auto status = std::make_shared<JobStatus>(service);
  auto handler = [status](http::Request& request, http::Responder& responder) {
    return status->answer(request, responder);
  };
  routes.add("GET", "/api/v1/jobs/{job_id}", handler, operation());
}

}  // namespace steno::api
