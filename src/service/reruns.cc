#include "service/reruns.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/id.h"
#include "blob/blob.h"
#include "jobs/lifecycle.h"
#include "jobs/unredacted.h"
#include "options/option_json.h"
#include "pipeline/known_speakers.h"
#include "pipeline/stages.h"
#include "service/admission.h"
#include "service/audit_trail.h"
#include "service/pending_blobs.h"
#include "store/store.h"
#include "telemetry/log.h"

namespace steno::service {
namespace {

using nlohmann::json;

std::string fingerprint_of(const NewRerun& wanted) {
  Digest digest;
  digest.add("rerun of " + wanted.job_id + "\n" + wanted.canonical);
  return to_hex(digest.finish());
}

// The stages after recognition do not need the names of the known speakers.
TranscribeOptions options_in(const std::string& text) {
  json options = json::parse(text);
  options.erase(kKnownSpeakersInput);
  return parse_options(options.dump()).value_or(TranscribeOptions());
}

/// One rerun in progress.
class Rerunning {
 public:
  Rerunning(const ServiceParts& parts, const ServiceOptions& options, const NewRerun& wanted,
            const Actor& actor, Job first)
      : parts_(parts),
        options_(options),
        wanted_(wanted),
        actor_(actor),
        first_(std::move(first)),
        blobs_(parts) {}

  Outcome<AcceptedRerun> run(const std::string& key_id);

 private:
  Job job_of(const RerunPlan& plan, const std::string& key_id) const;
  Outcome<bool> copy(const std::string& from, const std::string& to);
  Outcome<void> take_outputs(const Job& job, const TranscribeOptions& options);
  Outcome<void> take_audio(Job& job, const TranscribeOptions& options);
  Outcome<void> take_known_speakers(const Job& job, const RerunPlan& plan);
  Outcome<AcceptedRerun> store(const Job& job);

  const ServiceParts& parts_;
  const ServiceOptions& options_;
  const NewRerun& wanted_;
  const Actor& actor_;
  const Job first_;
  PendingBlobs blobs_;
  std::vector<std::string> outputs_;  ///< stage outputs from which the new job can continue
};

Outcome<AcceptedRerun> Rerunning::run(const std::string& key_id) {
  if (!is_final(first_.state)) {
    return refuse(conflict("job_not_ended", "The job has not ended: it can be rerun when it has"));
  }
  const auto plan = wanted_.plan(first_.options);
  if (!plan) return refuse(plan.error());
  Job job = job_of(*plan, key_id);
  const TranscribeOptions options = options_in(plan->options);
  auto taken = take_outputs(job, options);
  if (taken) taken = take_audio(job, options);
  if (taken) taken = take_known_speakers(job, *plan);
  if (!taken) return refuse(std::move(taken.error()));
  return store(job);
}

Job Rerunning::job_of(const RerunPlan& plan, const std::string& key_id) const {
  Job job;
  job.id = new_job_id(parts_.clock.now());
  job.owner = first_.owner;
  job.key_id = key_id;
  job.type = first_.type;
  job.priority = first_.priority;
  job.max_attempts = options_.max_attempts;
  job.time_limit = first_.time_limit;
  job.model = first_.model;
  job.options = plan.options;
  job.recording_id = first_.recording_id;
  job.metadata = first_.metadata;
  job.rerun_of = first_.id;
  job.source = first_.source;
  if (options_.queue_ttl.count() > 0) {
    job.queue_until = parts_.clock.now() + options_.queue_ttl;
  }
  return job;
}

/// Whether there was a blob to copy.
Outcome<bool> Rerunning::copy(const std::string& from, const std::string& to) {
  const auto copied = parts_.blobs.copy(from, to);
  if (copied) blobs_.add(to);
  if (copied || copied.error().code == Errc::not_found) return copied.has_value();
  parts_.log.error("a blob was not copied", {{"error", copied.error().message}});
  return refuse(storage_error(copied.error()));
}

// Words that are to be redacted are copied to a blob that is removed when the job ends.
Outcome<void> Rerunning::take_outputs(const Job& job, const TranscribeOptions& options) {
  const bool redacts = !options.post.redact.empty();
  for (const std::string_view output : {kWordsOutput, kVoicesOutput}) {
    const std::string to = redacts && output == kWordsOutput ? unredacted_key(job.id, output)
                                                             : stage_output_key(job.id, output);
    const auto copied = copy(stage_output_key(first_.id, output), to);
    if (!copied) return refuse(copied.error());
    if (*copied) outputs_.emplace_back(output);
  }
  return {};
}

Outcome<void> Rerunning::take_audio(Job& job, const TranscribeOptions& options) {
  if (!job.source.blob.empty()) {
    job.source.blob = "audio/" + new_id("aud_", parts_.clock.now());
    const auto copied = copy(first_.source.blob, job.source.blob);
    if (!copied) return refuse(copied.error());
    if (*copied) return {};
    job.source.blob.clear();
  }
  const auto has_output = [this](std::string_view output) {
    return std::ranges::count(outputs_, output) > 0;
  };
  const bool is_needed = needs_audio(options, options_in(first_.options), has_output);
  // The URL may lead to another recording today, which must not be mixed with kept outputs.
  const bool may_fetch = first_.state != State::completed && outputs_.empty();
  if (is_needed && (job.source.url.empty() || !may_fetch)) {
    return refuse(
        conflict("audio_deleted", "What is asked for needs the recording, which has been deleted"));
  }
  if (!is_needed) job.source.url.clear();  // so that nothing is fetched
  job.source.bytes = 0;
  return {};
}

Outcome<void> Rerunning::take_known_speakers(const Job& job, const RerunPlan& plan) {
  if (json::parse(plan.options).value(kKnownSpeakersInput, json()).empty()) return {};
  const std::string key = stage_output_key(job.id, kKnownSpeakersInput);
  if (!plan.known_speakers.empty()) return blobs_.put(key, plan.known_speakers);
  const auto copied = copy(stage_output_key(first_.id, kKnownSpeakersInput), key);
  if (!copied) return refuse(copied.error());
  if (*copied) return {};
  return refuse(
      conflict("known_speakers_deleted",
               "The recordings of the known speakers have been deleted; send known_speakers"));
}

Outcome<AcceptedRerun> Rerunning::store(const Job& job) {
  JobSubmission submission;
  submission.jobs = {job};
  if (wanted_.idempotency_key) {
    submission.key = IdempotencyKey{*wanted_.idempotency_key, fingerprint_of(wanted_)};
  }
  submission.audit.push_back(audit_entry(actor_, parts_.clock.now(), "job.rerun", job.id));
  Creation creation;
  try {
    creation = parts_.lifecycle.submit(std::move(submission));
  } catch (const StoreError&) {
    blobs_.keep_if_stored(job.id);
    throw;
  }
  if (auto refusal = refusal_of(creation.status)) return refuse(*std::move(refusal));
  const bool is_replayed = creation.status == Creation::Status::repeated;
  if (!is_replayed) blobs_.keep();
  return AcceptedRerun{std::move(creation.jobs.front()), is_replayed};
}

}  // namespace

std::optional<AcceptedRerun> Reruns::replay(const NewRerun& wanted, const Caller& caller) {
  if (!wanted.idempotency_key) return std::nullopt;
  auto known = parts_.store.jobs().find_submission(caller.owner, *wanted.idempotency_key,
                                                   parts_.clock.now());
  if (!known || known->fingerprint != fingerprint_of(wanted)) return std::nullopt;
  return AcceptedRerun{std::move(known->jobs.front()), true};
}

Outcome<AcceptedRerun> Reruns::submit(const NewRerun& wanted, const Caller& caller,
                                      const Actor& actor) {
  // First of all: the first job, or what it has kept, may be gone since.
  if (auto earlier = replay(wanted, caller)) return *std::move(earlier);
  auto first = parts_.store.jobs().find(wanted.job_id);
  if (!first || first->owner != caller.owner) return refuse(not_found("job"));
  return Rerunning(parts_, options_, wanted, actor, *std::move(first)).run(caller.key_id);
}

}  // namespace steno::service
