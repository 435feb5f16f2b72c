// POST /api/v1/jobs/{job_id}/rerun: another transcript of a job's recording.

#include <nlohmann/json.hpp>

#include "api/core/answers.h"
#include "api/core/errors.h"
#include "api/fields/field_schemas.h"
#include "api/jobs/job_routes.h"
#include "api/jobs/job_view.h"
#include "api/submit/accepted.h"
#include "api/submit/idempotency_key.h"
#include "api/submit/receive.h"

namespace steno::api {
namespace {

using nlohmann::json;

// A few fields, no recording.
constexpr std::uint64_t kMostBodyBytes = std::uint64_t{8} << 20;

constexpr const char* kWaits = "The job waits for its new transcript";

http::Task<void> rerun(Service& service, http::Request& request, http::Responder& responder) {
  const auto key = idempotency_key(request);
  co_await check_admission(service, request, key);
  auto received = co_await receive(request, service, service::Hashing::no);
  service::NewRerun wanted{request.parameter("job_id"), key, received.form.canonical(), {}};
  wanted.plan = [&received](const std::string& options) {
    return received.form.finish_rerun(options, received.recordings.size());
  };
  auto make = [&] {
    return service.services.reruns.submit(wanted, caller_of(request), actor_of(request));
  };
  const auto accepted = value_of(co_await http::offload(service.pool, make));
  const Job& job = accepted.job;
  service.log.info("job accepted", {{"job_id", job.id}, {"request_id", request.id()}});
  json body = accepted_job(job, kWaits);
  body["rerun_of"] = job.rerun_of;
  co_await responder.send(accepted_answer(body, job_path(job.id), accepted.replayed));
}

constexpr const char* kDescription =
    "Creates a new job that makes another transcript of an ended job in seconds, with other "
    "speakers, replacements or redactions. Fields that are not given keep their values. The fields "
    "may also be sent as a form or in the query.\n\nThe recording is processed again only if its "
    "words were not stored (as for jobs with redactions), if word times are needed and missing, or "
    "if its voices have not been analysed. If it has been deleted, the answer is 409 "
    "`audio_deleted`.";

Operation rerun_operation() {
  Operation operation;
  operation.id = "rerun_job";
  operation.group = "Jobs";
  operation.summary = "Make another transcript of an ended job";
  operation.description = kDescription;
  operation.scope = "submit";
  operation.parameters = {job_id_parameter(), idempotency_parameter()};
  operation.request = {{"application/json",
                        schema_ref("Rerun"),
                        {{"diarize", true}, {"num_speakers", 2}, {"redact", {"card"}}}}};
  operation.answers = {accepted_description("Accepted: the job is on disk", "URL of the job",
                                            schema_ref("AcceptedRerun"),
                                            {{"job_id", "job_01kaxv6zj2q3m8v5t7w9y1b3d5"},
                                             {"status", "pending"},
                                             {"created_at", "2026-11-25T18:03:07.123Z"},
                                             {"message", kWaits},
                                             {"rerun_of", "job_01k3q8n0vt4m9c2x7h5r6w8y1z"}})};
  operation.problems = {404, 408, 409, 415, 422, 429, 507};
  return operation;
}

}  // namespace

void add_rerun_route(Routes& routes, Service& service) {
  routes.define("Rerun", rerun_schema());
  routes.define("AcceptedRerun", {{"allOf",
                                   {schema_ref("AcceptedJob"),
                                    {{"type", "object"},
                                     {"required", {"rerun_of"}},
                                     {"properties", {{"rerun_of", {{"type", "string"}}}}}}}}});
  routes.add("POST", "/api/v1/jobs/{job_id}/rerun", handle_with(service, rerun), rerun_operation(),
             kMostBodyBytes);
}

}  // namespace steno::api
