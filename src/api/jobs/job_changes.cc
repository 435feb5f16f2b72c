#include "api/jobs/job_changes.h"

#include <nlohmann/json.hpp>

#include "api/admin/audit_trail.h"
#include "api/core/answers.h"
#include "api/core/errors.h"
#include "api/core/query_reader.h"
#include "api/jobs/job_routes.h"

namespace steno::api {
namespace {

Job cancel(Service& service, http::Request& request) {
  const auto job = find_own_job(service, caller_of(request), request.parameter("job_id"));
  auto cancelled = service.lifecycle.cancel(job.id);
  if (!cancelled) {
    refuse_change(service, request, "job.cancel", job.id, cancelled.error(), "job_ended");
  }
  audit(service, request, "job.cancel", job.id);
  return std::move(*cancelled);
}

void purge(Service& service, http::Request& request) {
  const auto job = find_own_job(service, caller_of(request), request.parameter("job_id"));
  const auto purged = service.lifecycle.purge(job.id);
  if (!purged) {
    refuse_change(service, request, "job.purge", job.id, purged.error(), "job_not_ended");
  }
  audit(service, request, "job.purge", job.id);
}

http::Task<void> cancel_or_purge(Service& service, http::Request& request,
                                 http::Responder& responder) {
  QueryReader reader(request.query());
  const bool is_purge = reader.flag("purge").value_or(false);
  reader.finish();
  if (is_purge) {
    auto change = [&service, &request] { purge(service, request); };
    co_await http::offload(service.pool, change);
    co_await responder.send(http::Response::empty(204));
    co_return;
  }
  auto change = [&service, &request] { return cancel(service, request); };
  const auto job = co_await http::offload(service.pool, change);
  co_await responder.send(json_answer(200, changed_answer(job, "The job is cancelled")));
}

http::Task<void> retry(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto change = [&service, &request] { return send_again(service, request); };
  const auto job = co_await http::offload(service.pool, change);
  co_await responder.send(json_answer(202, changed_answer(job, "The job waits again")));
}

Operation cancel_operation() {
  const nlohmann::json example = {{"job_id", "job_01k3q8n0vt4m9c2x7h5r6w8y1z"},
                                  {"status", "cancelled"},
                                  {"message", "The job is cancelled"}};
  return {
      .id = "cancel_job",
      .group = "Jobs",
      .summary = "Cancel a job, or delete one that has ended",
      .description =
          "Without `purge`: cancels a pending or running job and stops its work; 409 `job_ended` "
          "once it has ended. With `purge`: deletes an ended job with its audio and its results; "
          "409 `job_not_ended` before.",
      .scope = "submit",
      .parameters = {job_id_parameter(),
                     {"purge",
                      Parameter::In::query,
                      "Delete the job instead of cancelling it",
                      {{"type", "boolean"}, {"default", false}}}},
      .answers = {{200,
                   "The job is cancelled",
                   {{.schema = schema_ref("JobChanged"), .example = example}}},
                  {204, "The job is deleted"}},
      .problems = {404, 409, 422, 507}};
}

Operation retry_operation() {
  const nlohmann::json example = {{"job_id", "job_01k3q8n0vt4m9c2x7h5r6w8y1z"},
                                  {"status", "pending"},
                                  {"message", "The job waits again"}};
  return {.id = "retry_job",
          .group = "Jobs",
          .summary = "Send a failed job again",
          .description =
              "All its attempts are new, its id stays. 409 `not_failed` unless the job "
              "has failed and its audio is still there.",
          .scope = "submit",
          .parameters = {job_id_parameter()},
          .answers = {{202,
                       "The job waits again",
                       {{.schema = schema_ref("JobChanged"), .example = example}}}},
          .problems = {404, 409, 422, 507}};
}

}  // namespace

nlohmann::ordered_json changed_answer(const Job& job, std::string_view message) {
  return {{"job_id", job.id}, {"status", to_string(job.state)}, {"message", message}};
}

void refuse_change(Service& service, http::Request& request, std::string_view action,
                   std::string_view subject, const Error& error, std::string_view code) {
  const bool is_conflict = error.code == Errc::conflict;
  const bool is_gone = error.code == Errc::not_found;
  const auto problem = is_conflict ? conflict(code, error.message).problem()
                       : is_gone   ? not_found("job").problem()
                                   : problem_of_storage(error);
  if (!is_conflict && !is_gone) {
    service.log.error(
        "a job could not be changed",
        {{"request_id", request.id()}, {"job_id", subject}, {"error", error.message}});
  }
  audit(service, request, action, subject, problem.code);
  throw http::ProblemError(problem);
}

Job send_again(Service& service, http::Request& request) {
  const auto job = find_own_job(service, caller_of(request), request.parameter("job_id"));
  auto sent = service.lifecycle.send_again(job.id);
  if (!sent) refuse_change(service, request, "job.retry", job.id, sent.error(), "not_failed");
  audit(service, request, "job.retry", job.id);
  return std::move(*sent);
}

void add_job_change_routes(Routes& routes, Service& service) {
  routes.add("DELETE", "/api/v1/jobs/{job_id}", handle_with(service, cancel_or_purge),
             cancel_operation());
  routes.add("POST", "/api/v1/jobs/{job_id}/retry", handle_with(service, retry), retry_operation());
}

}  // namespace steno::api
