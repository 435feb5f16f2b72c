// POST /api/v1/transcribe: a recording comes in, a job goes out.

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/core/answers.h"
#include "api/core/routes.h"
#include "api/fields/field_schemas.h"
#include "api/jobs/job_view.h"
#include "api/submit/accepted.h"
#include "api/submit/idempotency_key.h"
#include "api/submit/receive.h"

namespace steno::api {
namespace {

using nlohmann::json;

// Beside the recordings: fields, boundaries. A batch may be larger than one recording.
constexpr std::uint64_t kMostBodyOverhead = std::uint64_t{64} << 20;

constexpr const char* kWaits = "The recording waits to be transcribed";

http::Response answer(const service::Accepted& accepted) {
  const Job& first = accepted.jobs.front();
  if (accepted.batch_id.empty()) {
    return accepted_answer(accepted_job(first, kWaits), job_path(first.id), accepted.replayed);
  }
  json body = {{"batch_id", accepted.batch_id},
               {"status", to_string(State::pending)},
               {"created_at", to_iso8601(first.created_at)},
               {"message", "The recordings wait to be transcribed"},
               {"jobs", json::array()}};
  for (const Job& job : accepted.jobs) body["jobs"].push_back(accepted_job(job, kWaits));
  return accepted_answer(body, "/api/v1/batches/" + accepted.batch_id, accepted.replayed);
}

http::Task<void> submit(Service& service, http::Request& request, http::Responder& responder) {
  auto& submissions = service.services.submissions;
  const auto key = idempotency_key(request);
  auto reserved = value_of(submissions.reserve(caller_of(request).owner, key));
  co_await check_admission(service, request, key);
  auto received =
      co_await receive(request, service, key ? service::Hashing::sha256 : service::Hashing::no);
  service::NewSubmission wanted =
      value_of(received.form.finish(received.recordings.size())).wanted();
  for (const auto& recording : received.recordings) {
    wanted.recordings.push_back(&recording->writer());
  }
  wanted.idempotency_key = key;
  auto make = [&] { return submissions.submit(wanted, caller_of(request), actor_of(request)); };
  const auto accepted = value_of(co_await http::offload(service.upload_pool, make));
  for (const Job& job : accepted.jobs) {
    service.log.info("job accepted", {{"job_id", job.id}, {"request_id", request.id()}});
  }
  reserved.reset();  // a client that has the answer may send the same again at once
  co_await responder.send(answer(accepted));
}

constexpr const char* kDescription =
    "The recording comes as `url`, as base64 in JSON, as a file of a form, as the body itself "
    "(fields then stand in the query), or as a finished upload of `/api/v1/uploads`. Exactly one "
    "of "
    "these. Several files, or `urls`, make a batch.\n\nWith an `Idempotency-Key` a submission can "
    "be sent again for 24 hours, unless the service is set up otherwise: the same content gives "
    "the "
    "same job.";

Operation described(std::string id, std::string summary) {
  Operation operation;
  operation.id = std::move(id);
  operation.group = "Submit";
  operation.summary = std::move(summary);
  operation.description = kDescription;
  operation.scope = "submit";
  operation.parameters.push_back(idempotency_parameter());
  return operation;
}

Content form_content() { return {"multipart/form-data", schema_ref("SubmissionForm"), nullptr}; }

AnswerDescription described_acceptance() {
  return accepted_description("Accepted: the job, or the batch with its jobs, is on disk",
                              "URL of the job or batch",
                              {{"anyOf", {schema_ref("AcceptedJob"), schema_ref("AcceptedBatch")}}},
                              {{"job_id", "job_01kaxv6zj2q3m8v5t7w9y1b3d5"},
                               {"status", "pending"},
                               {"created_at", "2026-11-25T18:03:07.123Z"},
                               {"message", kWaits}});
}

json accepted_job_schema() {
  return {{"type", "object"},
          {"required", {"job_id", "status", "created_at", "message"}},
          {"properties",
           {{"job_id", {{"type", "string"}}},
            {"status", {{"type", "string"}, {"enum", {"pending"}}}},
            {"created_at", {{"type", "string"}, {"format", "date-time"}}},
            {"message", {{"type", "string"}}}}}};
}

// The document of a service shows its own limit of one attempt.
void limit_time(json& schema, const Service& service) {
  const auto most = service.options.time_limit.count() / 1000;
  if (most > 0)
    schema["maximum"] = std::min<std::int64_t>(schema["maximum"].get<std::int64_t>(), most);
}

void define_schemas(Routes& routes, const Service& service) {
  json submission = submission_schema();
  limit_time(submission["properties"]["time_limit"], service);
  routes.define("Submission", std::move(submission));
  json form = form_schema();
  limit_time(form["properties"]["time_limit"], service);
  routes.define("SubmissionForm", std::move(form));
  routes.define("AcceptedJob", accepted_job_schema());
  json batch = accepted_job_schema();
  batch["required"] = {"batch_id", "status", "created_at", "message", "jobs"};
  batch["properties"].erase("job_id");
  batch["properties"]["batch_id"] = {{"type", "string"}};
  batch["properties"]["jobs"] = {{"type", "array"}, {"items", schema_ref("AcceptedJob")}};
  routes.define("AcceptedBatch", std::move(batch));
}

}  // namespace

void add_submit_routes(Routes& routes, Service& service) {
  define_schemas(routes, service);
  const http::Handler handler = handle_with(service, submit);
  const std::uint64_t most = 2 * service.options.max_upload_bytes + kMostBodyOverhead;

  Operation transcribe = described("submit", "Transcribe a recording");
  for (Parameter& field : field_parameters()) {
    if (field.name == "time_limit") limit_time(field.schema, service);
    transcribe.parameters.push_back(std::move(field));
  }
  transcribe.request = {{"application/json",
                         schema_ref("Submission"),
                         {{"url", "https://example.com/interview.mp3"}, {"language", "en"}}},
                        form_content()};
  for (const char* type : {"audio/*", "video/*", "application/octet-stream"}) {
    transcribe.request.push_back({type, {{"type", "string"}, {"format", "binary"}}, nullptr});
  }
  transcribe.answers = {described_acceptance()};
  transcribe.problems = {404, 408, 409, 415, 422, 429, 507};
  routes.add("POST", "/api/v1/transcribe", handler, std::move(transcribe), most);

  Operation upload = described("submit_form", "Transcribe a recording of a form");
  upload.request = {form_content()};
  upload.needs_body = true;
  upload.answers = {described_acceptance()};
  upload.problems = {404, 408, 409, 415, 422, 429, 507};
  routes.add("POST", "/api/v1/transcribe/upload", handler, std::move(upload), most);
}

}  // namespace steno::api
