#include <nlohmann/json.hpp>
#include <utility>

#include "api/core/answers.h"
#include "api/core/query_reader.h"
#include "api/core/routes.h"
#include "api/jobs/job_page.h"
#include "api/jobs/job_routes.h"

namespace steno::api {
namespace {

http::Task<void> list_dead_letters(Service& service, http::Request& request,
                                   http::Responder& responder) {
  auto wanted = read_page_request(request);
  wanted.query.dead_letter = true;
  co_await send_page(service, std::move(wanted), responder);
}

http::Task<void> retry_dead_letter(Service& service, http::Request& request,
                                   http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto retry = [&service, &request] {
    return service.services.job_changes.retry_dead_letter(
        caller_of(request).owner, request.parameter("job_id"), actor_of(request));
  };
  const auto job = value_of(co_await http::offload(service.pool, retry));
  co_await responder.send(json_answer(202, changed_answer(job, "The job waits again")));
}

http::Task<void> discard(Service& service, http::Request& request, http::Responder& responder) {
  QueryReader(request.query()).finish();
  auto discard = [&service, &request] {
    return service.services.job_changes.discard_dead_letter(
        caller_of(request).owner, request.parameter("job_id"), actor_of(request));
  };
  value_of(co_await http::offload(service.pool, discard));
  co_await responder.send(http::Response::empty(204));
}

nlohmann::json example_letter() {
  auto job = example_summary();
  job["status"] = "failed";
  job["stage"] = "transcribing";
  job["progress"] = 40;
  job["attempt"] = 3;
  job["dead_letter"] = true;
  job["error"] = {{"code", "worker_lost"},
                  {"message", "The worker was lost in each of 3 attempts"}};
  return job;
}

Operation list_dead_letters_operation() {
  return {.id = "list_dead_letters",
          .group = "Dead letters",
          .summary = "List your jobs that failed in all attempts, newest first",
          .description = "They stay in the list until they are retried or discarded.",
          .scope = "read",
          .parameters = page_parameters(),
          .answers = {{200,
                       "The jobs",
                       {{.schema = schema_ref("JobList"),
                         .example = {{"jobs", {example_letter()}}, {"next_cursor", nullptr}}}}}},
          .problems = {422}};
}

Operation retry_dead_letter_operation() {
  return {.id = "retry_dead_letter",
          .group = "Dead letters",
          .summary = "Retry a dead letter",
          .description = "Its attempts are counted from zero. Its id stays the same.",
          .scope = "submit",
          .parameters = {job_id_parameter()},
          .answers = {{202,
                       "The job waits again",
                       {{.schema = schema_ref("JobChanged"),
                         .example = {{"job_id", "job_01k3q8n0vt4m9c2x7h5r6w8y1z"},
                                     {"status", "pending"},
                                     {"message", "The job waits again"}}}}}},
          .problems = {404, 409, 422, 507}};
}

Operation discard_operation() {
  return {.id = "discard_dead_letter",
          .group = "Dead letters",
          .summary = "Remove a dead letter from the list",
          .description = "The job stays failed.",
          .scope = "submit",
          .parameters = {job_id_parameter()},
          .answers = {{204, "Removed from the list"}},
          .problems = {404, 409, 422, 507}};
}

}  // namespace

void add_dead_letter_routes(Routes& routes, Service& service) {
  routes.add("GET", "/api/v1/dead-letters", handle_with(service, list_dead_letters),
             list_dead_letters_operation());
  routes.add("POST", "/api/v1/dead-letters/{job_id}/retry", handle_with(service, retry_dead_letter),
             retry_dead_letter_operation());
  routes.add("DELETE", "/api/v1/dead-letters/{job_id}", handle_with(service, discard),
             discard_operation());
}

}  // namespace steno::api
