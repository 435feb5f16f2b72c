// POST /api/v1/transcribe: a recording comes in, a job goes out.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/core/routes.h"
#include "api/fields/field_schemas.h"
#include "api/submit/admission.h"
#include "api/submit/new_jobs.h"
#include "api/submit/receive.h"
#include "service/in_progress.h"

namespace steno::api {
namespace {

using nlohmann::json;

// Beside the recordings: fields, boundaries. A batch may be larger than one recording.
constexpr std::uint64_t kMostBodyOverhead = std::uint64_t{64} << 20;

// Each name is of what no two requests may do at once.
service::InProgress::Entry enter(service::InProgress& in_progress, std::string name,
                                 std::string_view code, std::string_view detail) {
  auto hold = in_progress.enter(std::move(name));
  if (hold) return *std::move(hold);
  http::Problem problem{409, std::string(code), std::string(detail)};
  problem.headers.set("Retry-After", "1");
  throw http::ProblemError(std::move(problem));
}

json one_job(const Job& job) {
  return {{"job_id", job.id},
          {"status", to_string(State::pending)},
          {"created_at", to_iso8601(job.created_at)},
          {"message", "The recording waits to be transcribed"}};
}

http::Response answer(const Accepted& accepted) {
  json body;
  std::string location;
  if (accepted.batch_id.empty()) {
    body = one_job(accepted.jobs.front());
    location = "/api/v1/jobs/" + accepted.jobs.front().id;
  } else {
    body = {{"batch_id", accepted.batch_id},
            {"status", to_string(State::pending)},
            {"created_at", to_iso8601(accepted.jobs.front().created_at)},
            {"message", "The recordings wait to be transcribed"},
            {"jobs", json::array()}};
    for (const Job& job : accepted.jobs) body["jobs"].push_back(one_job(job));
    location = "/api/v1/batches/" + accepted.batch_id;
  }
  http::Response response = http::Response::json(202, body).with("Location", location);
  if (accepted.replayed) response.headers.set("Idempotency-Replayed", "true");
  return response;
}

http::Task<void> submit(Service& service, service::InProgress& in_progress, http::Request& request,
                        http::Responder& responder) {
  const auto key = idempotency_key(request);
  const std::string owner = caller_of(request).owner;
  std::optional<service::InProgress::Entry> receiving;
  if (key) {
    receiving.emplace(enter(in_progress, "key\n" + owner + "\n" + *key, "idempotency_in_progress",
                            "A submission with this Idempotency-Key is being received"));
  }
  const Announced announced{owner, key, request.head().length.value_or(0)};
  auto check = [&service, &announced] { return check_admission(service, announced); };
  auto admitted = co_await http::offload(service.pool, check);
  if (!admitted) throw http::ProblemError(std::move(admitted.error()));
  auto received =
      co_await receive(request, service, key ? Recording::Hashing::sha256 : Recording::Hashing::no);
  auto submission = received.form.finish(received.recordings.size());
  if (!submission) throw http::ProblemError(std::move(submission.error()));
  std::optional<service::InProgress::Entry> taking;
  if (const auto id = submission->upload_id()) {
    taking.emplace(enter(in_progress, "upload\n" + *id, "upload_consumed",
                         "Another submission is taking this upload"));
  }
  const Order order{*submission, received.recordings, request, key};
  auto make = [&service, &order] { return make_jobs(service, order); };
  auto accepted = co_await http::offload(service.upload_pool, make);
  if (!accepted) throw http::ProblemError(std::move(accepted.error()));
  for (const Job& job : accepted->jobs) {
    service.log.info("job accepted", {{"job_id", job.id}, {"request_id", request.id()}});
  }
  // Who has the answer may send the same again at once.
  taking.reset();
  receiving.reset();
  co_await responder.send(answer(*accepted));
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

Answer accepted_answer() {
  Answer answer;
  answer.status = 202;
  answer.description = "Accepted: the job, or the batch with its jobs, is on disk";
  answer.contents = {{"application/json",
                      {{"anyOf", {schema_ref("AcceptedJob"), schema_ref("AcceptedBatch")}}},
                      {{"job_id", "job_01kaxv6zj2q3m8v5t7w9y1b3d5"},
                       {"status", "pending"},
                       {"created_at", "2026-11-25T18:03:07.123Z"},
                       {"message", "The recording waits to be transcribed"}}}};
  answer.headers = {
      {"Location", Parameter::In::header, "Where the job or batch is"},
      {"Idempotency-Replayed", Parameter::In::header, "true when the same was submitted before"}};
  return answer;
}

json accepted_job_schema() {
  return {{"type", "object"},
          {"required", {"job_id", "status", "created_at", "message"}},
          {"properties",
           {{"job_id", {{"type", "string"}}},
            {"status", {{"type", "string"}, {"const", "pending"}}},
            {"created_at", {{"type", "string"}, {"format", "date-time"}}},
            {"message", {{"type", "string"}}}}}};
}

// What one attempt may take by this service's configuration: its own documents say so.
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
  const auto in_progress = std::make_shared<service::InProgress>();
  const http::Handler handler = [&service, in_progress](http::Request& request,
                                                        http::Responder& responder) {
    return submit(service, *in_progress, request, responder);
  };
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
  transcribe.answers = {accepted_answer()};
  transcribe.problems = {404, 408, 409, 415, 422, 429, 507};
  routes.add("POST", "/api/v1/transcribe", handler, std::move(transcribe), most);

  Operation upload = described("submit_form", "Transcribe a recording of a form");
  upload.request = {form_content()};
  upload.needs_body = true;
  upload.answers = {accepted_answer()};
  upload.problems = {404, 408, 409, 415, 422, 429, 507};
  routes.add("POST", "/api/v1/transcribe/upload", handler, std::move(upload), most);
}

}  // namespace steno::api
