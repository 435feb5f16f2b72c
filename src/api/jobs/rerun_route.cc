// POST /api/v1/jobs/{job_id}/rerun: another transcript of what a job has heard.

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "api/admin/audit_trail.h"
#include "api/core/answers.h"
#include "api/core/errors.h"
#include "api/fields/field_schemas.h"
#include "api/jobs/job_routes.h"
#include "api/submit/admission.h"
#include "api/submit/new_jobs.h"
#include "api/submit/receive.h"
#include "base/digest.h"
#include "base/id.h"
#include "blob/blob.h"
#include "options/option_json.h"
#include "pipeline/known_speakers.h"
#include "pipeline/stages.h"

namespace steno::api {
namespace {

using nlohmann::json;

// A few fields; a recording has no place here.
constexpr std::uint64_t kMostBodyBytes = std::uint64_t{8} << 20;

struct Made {
  Job job;
  bool replayed = false;
};

/// One rerun in the making. Throws ProblemError; what it has kept by then is removed.
class Rerunning {
 public:
  Rerunning(Service& service, http::Request& request, Received& received,
            std::optional<std::string> key)
      : service_(service),
        request_(request),
        received_(received),
        key_(std::move(key)),
        before_(find_own_job(service, caller_of(request), request.parameter("job_id"))) {}

  Made make();

 private:
  RerunPlan plan();
  Job job_of(const RerunPlan& plan) const;
  bool copy(const std::string& from, const std::string& to);
  void take_stages(const Job& job, const TranscribeOptions& options);
  void take_audio(Job& job, const TranscribeOptions& options);
  void take_known_speakers(const Job& job, const RerunPlan& plan);
  Made submit(const Job& job, const RerunPlan& plan);
  void remove_kept();

  Service& service_;
  http::Request& request_;
  Received& received_;
  const std::optional<std::string> key_;
  const Job before_;
  std::vector<std::string> kept_;    ///< blobs that no job has yet
  std::vector<std::string> stages_;  ///< that the new job can go on from
};

// What comes after the hearing does not ask who the known speakers are.
TranscribeOptions options_in(json options) {
  options.erase(kKnownSpeakersStage);
  return parse_options(options.dump()).value_or(TranscribeOptions());
}

Made Rerunning::make() {
  if (!is_final(before_.state)) {
    throw conflict("job_not_ended", "The job has not ended: it can be rerun when it has");
  }
  const RerunPlan plan = this->plan();
  Job job = job_of(plan);
  try {
    const TranscribeOptions options = options_in(plan.options);
    take_stages(job, options);
    take_audio(job, options);
    take_known_speakers(job, plan);
    return submit(job, plan);
  } catch (...) {
    remove_kept();
    throw;
  }
}

RerunPlan Rerunning::plan() {
  auto plan =
      received_.form.finish_rerun(json::parse(before_.options), received_.recordings.size());
  if (!plan) throw http::ProblemError(std::move(plan.error()));
  return *std::move(plan);
}

Job Rerunning::job_of(const RerunPlan& plan) const {
  Job job;
  job.id = new_job_id(service_.clock.now());
  job.owner = before_.owner;
  job.key_id = caller_of(request_).key_id;
  job.type = before_.type;
  job.priority = before_.priority;
  job.max_attempts = service_.options.max_attempts;
  job.time_limit = before_.time_limit;
  job.model = before_.model;
  job.options = plan.options.dump();
  job.recording_id = before_.recording_id;
  job.metadata = before_.metadata;
  job.rerun_of = before_.id;
  job.source = before_.source;
  if (service_.options.queue_ttl.count() > 0) {
    job.queue_until = service_.clock.now() + service_.options.queue_ttl;
  }
  return job;
}

// Whether there was anything to copy. What is the job's own outlives the job before.
bool Rerunning::copy(const std::string& from, const std::string& to) {
  const auto copied = service_.blobs.copy(from, to);
  if (copied) kept_.push_back(to);
  if (copied || copied.error().code == Errc::not_found) return copied.has_value();
  service_.log.error("a blob was not copied", {{"error", copied.error().message}});
  throw http::ProblemError(problem_of_storage(copied.error()));
}

void Rerunning::take_stages(const Job& job, const TranscribeOptions& options) {
  const bool redacts = !options.post.redact.empty();
  for (const char* stage : {kWordsStage, kVoicesStage}) {
    const std::string from = stage_key(before_.id, stage);
    // Words that are to be redacted are only read, when the time has come.
    const bool is_there = redacts && stage == kWordsStage
                              ? blob::blob_size(service_.blobs, from).has_value()
                              : copy(from, stage_key(job.id, stage));
    if (is_there) stages_.emplace_back(stage);
  }
}

void Rerunning::take_audio(Job& job, const TranscribeOptions& options) {
  if (!job.source.blob.empty()) {
    job.source.blob = "audio/" + new_id("aud_", service_.clock.now());
    if (copy(before_.source.blob, job.source.blob)) return;
    job.source.blob.clear();
  }
  const auto has_stage = [this](std::string_view stage) {
    return std::ranges::count(stages_, stage) > 0;
  };
  const bool needs_it = needs_audio(options, options_in(json::parse(before_.options)), has_stage);
  // What an address gives today is the recording only where nothing of another one is used.
  const bool may_fetch = before_.state != State::completed && stages_.empty();
  if (needs_it && (job.source.url.empty() || !may_fetch)) {
    throw conflict("audio_deleted",
                   "What is asked for needs the recording, which has been deleted");
  }
  if (!needs_it) job.source.url.clear();  // or it would be fetched for nothing
  job.source.bytes = 0;
}

void Rerunning::take_known_speakers(const Job& job, const RerunPlan& plan) {
  const std::string key = stage_key(job.id, kKnownSpeakersStage);
  if (plan.options.value(kKnownSpeakersStage, json()).empty()) return;
  if (plan.known_speakers.is_null()) {
    if (copy(stage_key(before_.id, kKnownSpeakersStage), key)) return;
    throw conflict("known_speakers_deleted",
                   "The recordings of the known speakers have been deleted; send known_speakers");
  }
  auto kept = keep_blob(service_, key, plan.known_speakers.dump());
  if (!kept) throw http::ProblemError(std::move(kept.error()));
  kept_.push_back(key);
}

Made Rerunning::submit(const Job& job, const RerunPlan& plan) {
  std::optional<IdempotencyKey> key;
  if (key_) {
    Digest digest;
    digest.add("rerun of " + before_.id + "\n" + plan.given);
    key = IdempotencyKey{*key_, to_hex(digest.finish())};
  }
  JobSubmission submission{.jobs = {job}, .key = key};
  submission.audit.push_back(audit_entry(service_, request_, "job.rerun", job.id));
  Creation creation;
  try {
    creation = service_.lifecycle.submit(std::move(submission));
  } catch (const StoreError&) {
    drop_unless_stored(service_, job.id, std::exchange(kept_, {}));
    throw;
  }
  if (auto refusal = refusal_of(creation.outcome)) throw http::ProblemError(*std::move(refusal));
  const bool is_replayed = creation.outcome == Creation::Outcome::repeated;
  if (is_replayed) {
    remove_kept();
  } else {
    kept_.clear();
  }
  return {std::move(creation.jobs.front()), is_replayed};
}

void Rerunning::remove_kept() {
  for (const std::string& key : std::exchange(kept_, {})) drop_blob(service_, key);
}

http::Task<void> rerun(Service& service, http::Request& request, http::Responder& responder) {
  const auto key = idempotency_key(request);
  const Announced announced{caller_of(request).owner, key, request.head().length.value_or(0)};
  auto check = [&service, &announced] { return check_admission(service, announced); };
  auto admitted = co_await http::offload(service.pool, check);
  if (!admitted) throw http::ProblemError(std::move(admitted.error()));
  auto received = co_await receive(request, service, Recording::Hashing::no);
  auto make = [&] { return Rerunning(service, request, received, key).make(); };
  const Made made = co_await http::offload(service.pool, make);
  const Job& job = made.job;
  service.log.info("job accepted", {{"job_id", job.id}, {"request_id", request.id()}});
  http::Response answer =
      http::Response::json(202, {{"job_id", job.id},
                                 {"status", to_string(State::pending)},
                                 {"created_at", to_iso8601(job.created_at)},
                                 {"message", "What was heard waits for its new transcript"},
                                 {"rerun_of", job.rerun_of}})
          .with("Location", "/api/v1/jobs/" + job.id);
  if (made.replayed) answer.headers.set("Idempotency-Replayed", "true");
  co_await responder.send(std::move(answer));
}

constexpr const char* kDescription =
    "A new job makes another transcript of what this one, which has ended, has heard: with other "
    "speakers, replacements, redactions, in seconds. What is not given stays as it was. The fields "
    "may come as a form or in the query, too.\n\nThe recording is heard again only if its words "
    "were not kept (they are not where something was redacted), if they have no times and need "
    "them, or if nobody has listened to the voices yet; 409 `audio_deleted` where it was deleted.";

Operation rerun_operation() {
  Operation operation;
  operation.id = "rerun_job";
  operation.group = "Jobs";
  operation.summary = "Make another transcript of what a job has heard";
  operation.description = kDescription;
  operation.scope = "submit";
  operation.parameters = {job_id_parameter(), idempotency_parameter()};
  operation.request = {{"application/json",
                        schema_ref("Rerun"),
                        {{"diarize", true}, {"num_speakers", 2}, {"redact", {"card"}}}}};
  Answer accepted;
  accepted.status = 202;
  accepted.description = "Accepted: the job is on disk";
  accepted.contents = {{"application/json",
                        schema_ref("AcceptedRerun"),
                        {{"job_id", "job_01kaxv6zj2q3m8v5t7w9y1b3d5"},
                         {"status", "pending"},
                         {"created_at", "2026-11-25T18:03:07.123Z"},
                         {"message", "What was heard waits for its new transcript"},
                         {"rerun_of", "job_01k3q8n0vt4m9c2x7h5r6w8y1z"}}}};
  accepted.headers = {
      {"Location", Parameter::In::header, "Where the job is"},
      {"Idempotency-Replayed", Parameter::In::header, "true when the same was submitted before"}};
  operation.answers = {std::move(accepted)};
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
