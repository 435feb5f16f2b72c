#include "service/submissions.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/digest.h"
#include "base/id.h"
#include "blob/blob.h"
#include "jobs/lifecycle.h"
#include "models/models.h"
#include "pipeline/known_speakers.h"
#include "service/audit_trail.h"
#include "service/pending_blobs.h"
#include "store/store.h"
#include "telemetry/log.h"

namespace steno::service {

/// One submission in progress.
class Submitting {
 public:
  Submitting(Submissions& owner, const NewSubmission& wanted, const Caller& caller,
             const Actor& actor)
      : parts_(owner.parts_),
        uploads_(owner.uploads_),
        admission_(owner.admission_),
        options_(owner.options_),
        wanted_(wanted),
        caller_(caller),
        actor_(actor),
        blobs_(parts_) {}

  Outcome<Accepted> run();

 private:
  Outcome<std::vector<Job>> plan();
  Outcome<std::string> find_model() const;
  Outcome<void> limit_time(Job& job) const;
  Outcome<void> add_sources(const Job& common, std::vector<Job>& jobs);
  Outcome<void> add_upload(const std::function<void(AudioSource)>& add);
  Outcome<void> keep_recordings();
  Outcome<void> keep_known_speakers(const std::vector<Job>& jobs);
  Outcome<void> store(std::vector<Job> jobs);
  JobSubmission submission_of(std::vector<Job> jobs) const;
  std::optional<std::string> make_fingerprint() const;

  const ServiceParts& parts_;
  Uploads& uploads_;
  Admission& admission_;
  const ServiceOptions& options_;
  const NewSubmission& wanted_;
  const Caller& caller_;
  const Actor& actor_;
  PendingBlobs blobs_;
  std::optional<std::string> fingerprint_;
  Accepted accepted_;
};

Outcome<Accepted> Submitting::run() {
  fingerprint_ = make_fingerprint();
  auto jobs = plan();
  if (!jobs) return refuse(std::move(jobs.error()));
  if (!accepted_.jobs.empty()) return std::move(accepted_);  // of an earlier, equal submission
  auto done = keep_recordings();
  if (done) done = keep_known_speakers(*jobs);
  if (done) done = store(*std::move(jobs));
  if (!done) return refuse(std::move(done.error()));
  return std::move(accepted_);
}

std::optional<std::string> Submitting::make_fingerprint() const {
  if (!wanted_.idempotency_key) return std::nullopt;
  Digest digest;
  digest.add(wanted_.canonical);
  for (const auto* recording : wanted_.recordings) digest.add(recording->sha256());
  return to_hex(digest.finish());
}

Outcome<std::vector<Job>> Submitting::plan() {
  Job common = wanted_.job;
  auto model = find_model();
  if (!model) return refuse(std::move(model.error()));
  common.model = *std::move(model);
  common.owner = caller_.owner;
  common.key_id = caller_.key_id;
  common.max_attempts = options_.max_attempts;
  if (auto limited = limit_time(common); !limited) return refuse(limited.error());
  if (options_.queue_ttl.count() > 0) {
    common.queue_until = parts_.clock.now() + options_.queue_ttl;
  }
  if (wanted_.is_batch()) accepted_.batch_id = new_id("bat_", parts_.clock.now());
  common.batch_id = accepted_.batch_id;
  std::vector<Job> jobs;
  if (auto added = add_sources(common, jobs); !added) return refuse(added.error());
  return jobs;
}

// Never a folder that is not among the installed models: paths are not for clients.
Outcome<std::string> Submitting::find_model() const {
  const std::string name = wanted_.model.value_or(options_.default_model);
  const auto installed = parts_.library.installed();
  const auto by_name = std::ranges::find(installed, name, &models::Folder::name);
  if (by_name != installed.end()) return name;
  if (const auto folder = parts_.library.resolve(name)) {  // another name of one of them
    const auto by_path = std::ranges::find(installed, folder->path, &models::Folder::path);
    if (by_path != installed.end()) return by_path->name;
  }
  std::string names;
  for (const auto& folder : installed) names += (names.empty() ? "" : ", ") + folder.name;
  return refuse(
      invalid_field("unknown_model", "$.model",
                    "the model " + (wanted_.model ? "" : name + ", the default, ") +
                        "is not installed; there are: " + (names.empty() ? "none" : names)));
}

Outcome<void> Submitting::limit_time(Job& job) const {
  const Milliseconds most = options_.time_limit;
  if (most.count() > 0 && job.time_limit > most) {
    return refuse(invalid_field(
        "out_of_range", "$.time_limit",
        "this service gives a job at most " + std::to_string(most.count() / 1000) + " s"));
  }
  if (job.time_limit.count() == 0) job.time_limit = most;
  return {};
}

Outcome<void> Submitting::add_sources(const Job& common, std::vector<Job>& jobs) {
  const auto add = [&](AudioSource source) {
    Job& job = jobs.emplace_back(common);
    job.id = new_job_id(parts_.clock.now());
    job.source = std::move(source);
  };
  for (const auto* recording : wanted_.recordings) add(recording->source());
  for (const std::string& url : wanted_.urls) add({.blob = "", .url = url, .name = ""});
  return wanted_.upload_id ? add_upload(add) : Outcome<void>();
}

Outcome<void> Submitting::add_upload(const std::function<void(AudioSource)>& add) {
  auto upload = uploads_.find_usable(caller_.owner, *wanted_.upload_id, fingerprint_);
  if (!upload) return refuse(std::move(upload.error()));
  if (upload->job_id.empty()) {
    add(std::move(upload->source));
    return {};
  }
  auto job = parts_.store.jobs().find(upload->job_id);
  if (!job) return refuse(conflict("job_removed", "The job of this submission was removed"));
  accepted_.jobs.push_back(*std::move(job));
  accepted_.replayed = true;
  return {};
}

Outcome<void> Submitting::keep_recordings() {
  if (const auto room = admission_.check_room(0); !room) {
    parts_.log.error("a recording was not kept", {{"error", room.error().message}});
    return refuse(storage_error(room.error()));
  }
  for (auto* recording : wanted_.recordings) {
    if (auto kept = recording->keep(); !kept) return kept;
    blobs_.add(recording->key());
  }
  return {};
}

Outcome<void> Submitting::keep_known_speakers(const std::vector<Job>& jobs) {
  if (wanted_.known_speakers.empty()) return {};
  for (const Job& job : jobs) {
    auto kept = blobs_.put(stage_output_key(job.id, kKnownSpeakersInput), wanted_.known_speakers);
    if (!kept) return kept;
  }
  return {};
}

JobSubmission Submitting::submission_of(std::vector<Job> jobs) const {
  JobSubmission submission;
  if (wanted_.idempotency_key) {
    submission.key = IdempotencyKey{*wanted_.idempotency_key, *fingerprint_};
  }
  if (wanted_.upload_id) {
    submission.upload = uploads_.use_of(*wanted_.upload_id, jobs.front().id, fingerprint_);
  }
  for (const Job& job : jobs) {
    submission.audit.push_back(audit_entry(actor_, parts_.clock.now(), "job.submit", job.id));
  }
  submission.jobs = std::move(jobs);
  return submission;
}

Outcome<void> Submitting::store(std::vector<Job> jobs) {
  const std::string first = jobs.front().id;
  Creation creation;
  try {
    creation = parts_.lifecycle.submit(submission_of(std::move(jobs)));
  } catch (const StoreError&) {
    blobs_.keep_if_stored(first);
    throw;
  }
  if (creation.status == Creation::Status::upload_gone) {
    return refuse(uploads_.why_unusable(caller_.owner, *wanted_.upload_id));
  }
  if (auto refusal = refusal_of(creation.status)) return refuse(*std::move(refusal));
  accepted_.replayed = creation.status == Creation::Status::repeated;
  accepted_.jobs = std::move(creation.jobs);
  accepted_.batch_id = accepted_.jobs.front().batch_id;
  if (!accepted_.replayed) blobs_.keep();
  return {};
}

Outcome<std::optional<InProgress::Entry>> Submissions::reserve(
    std::string_view owner, const std::optional<std::string>& key) {
  if (!key) return std::optional<InProgress::Entry>();
  auto entry = in_progress_.enter("key\n" + std::string(owner) + "\n" + *key);
  if (entry) return std::optional<InProgress::Entry>(*std::move(entry));
  ServiceError error = conflict("idempotency_in_progress",
                                "A submission with this Idempotency-Key is being received");
  error.retry_after_s = 1;
  return refuse(std::move(error));
}

Outcome<Accepted> Submissions::submit(const NewSubmission& wanted, const Caller& caller,
                                      const Actor& actor) {
  std::optional<InProgress::Entry> upload;
  if (wanted.upload_id) {
    auto entry = in_progress_.enter("upload\n" + *wanted.upload_id);
    if (!entry) {
      ServiceError error = conflict("upload_consumed", "Another submission is taking this upload");
      error.retry_after_s = 1;
      return refuse(std::move(error));
    }
    upload.emplace(*std::move(entry));
  }
  return Submitting(*this, wanted, caller, actor).run();
}

}  // namespace steno::service
