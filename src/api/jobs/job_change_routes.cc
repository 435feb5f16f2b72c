#include <nlohmann/json.hpp>

#include "api/core/answers.h"
#include "api/core/query_reader.h"
#include "api/jobs/job_routes.h"

namespace steno::api {
namespace {

http::Task<void> cancel_or_purge(Service& service, http::Request& request,
                                 http::Responder& responder) {
  QueryReader reader(request.query());
  const bool is_purge = reader.flag("purge").value_or(false);
  reader.finish();
  auto& changes = service.services.job_changes;
  const auto& owner = caller_of(request).owner;
  const auto& id = request.parameter("job_id");
  if (is_purge) {
    auto purge = [&] { return changes.purge(owner, id, actor_of(request)); };
    value_of(co_await http::offload(service.pool, purge));
    co_await responder.send(http::Response::empty(204));
    co_return;
  }
  auto cancel = [&] { return changes.cancel(owner, id, actor_of(request)); };
  const auto job = value_of(co_await http::offload(service.pool, cancel));
  co_await responder.send(json_answer(200, changed_answer(job, "The job is cancelled")));
}

http::Task<void> retry_job(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto retry = [&service, &request] {
    return service.services.job_changes.retry(caller_of(request).owner, request.parameter("job_id"),
                                              actor_of(request));
  };
  const auto job = value_of(co_await http::offload(service.pool, retry));
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
          .summary = "Retry a failed job",
          .description =
              "Its attempts are counted from zero. Its id stays the same. 409 `not_failed` unless "
              "the job has failed and its audio still exists.",
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

void add_job_change_routes(Routes& routes, Service& service) {
  routes.add("DELETE", "/api/v1/jobs/{job_id}", handle_with(service, cancel_or_purge),
             cancel_operation());
  routes.add("POST", "/api/v1/jobs/{job_id}/retry", handle_with(service, retry_job),
             retry_operation());
}

}  // namespace steno::api
