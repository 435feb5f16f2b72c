#include "api/submit/new_jobs.h"

#include <algorithm>
#include <utility>

#include "api/admin/audit_trail.h"
#include "api/core/errors.h"
#include "api/submit/admission.h"
#include "api/uploads/upload_use.h"
#include "base/digest.h"
#include "base/id.h"
#include "blob/blob.h"
#include "pipeline/known_speakers.h"

namespace steno::api {
namespace {

template <class T>
using Outcome = tl::expected<T, http::Problem>;

/// One submission in progress. Stores its blobs, then adds all its jobs in one transaction.
class Submitting {
 public:
  Submitting(Service& service, const Order& order)
      : service_(service), order_(order), caller_(caller_of(order.request)) {}

  Outcome<Accepted> run();

 private:
  Outcome<std::vector<Job>> plan();
  Outcome<void> add_sources(const Job& common, std::vector<Job>& jobs);
  Outcome<void> limit_time(Job& job) const;
  Outcome<void> keep_recordings();
  Outcome<void> keep_known_speakers(const std::vector<Job>& jobs);
  Outcome<void> submit_all(std::vector<Job> jobs);
  JobSubmission submission_of(std::vector<Job> jobs) const;
  Outcome<Job> find(const std::string& id);
  void make_fingerprint();
  void drop_kept();

  Service& service_;
  const Order& order_;
  const Caller& caller_;
  std::optional<std::string> fingerprint_;
  std::optional<std::string> upload_id_;
  std::vector<std::string> kept_;  ///< blobs that no stored job names yet
  Accepted accepted_;
};

Outcome<Accepted> Submitting::run() {
  make_fingerprint();
  auto jobs = plan();
  if (!jobs) return tl::unexpected(std::move(jobs.error()));
  if (!accepted_.jobs.empty()) return std::move(accepted_);  // taken by an earlier, equal request
  auto done = keep_recordings();
  if (done) done = keep_known_speakers(*jobs);
  if (done) done = submit_all(*std::move(jobs));
  drop_kept();
  if (!done) return tl::unexpected(std::move(done.error()));
  return std::move(accepted_);
}

void Submitting::make_fingerprint() {
  if (!order_.idempotency_key) return;
  Digest digest;
  digest.add(order_.submission.canonical());
  for (const auto& recording : order_.recordings) digest.add(recording->sha256());
  fingerprint_ = to_hex(digest.finish());
}

Outcome<std::vector<Job>> Submitting::plan() {
  Job common = order_.submission.job();
  auto model = find_model(service_, order_.submission.model());
  if (!model) return tl::unexpected(std::move(model.error()));
  common.model = *std::move(model);
  common.owner = caller_.owner;
  common.key_id = caller_.key_id;
  common.max_attempts = service_.options.max_attempts;
  if (auto limited = limit_time(common); !limited) return tl::unexpected(limited.error());
  if (service_.options.queue_ttl.count() > 0) {
    common.queue_until = service_.clock.now() + service_.options.queue_ttl;
  }
  if (order_.is_batch()) accepted_.batch_id = new_id("bat_", service_.clock.now());
  common.batch_id = accepted_.batch_id;
  std::vector<Job> jobs;
  if (auto added = add_sources(common, jobs); !added) return tl::unexpected(added.error());
  return jobs;
}

Outcome<void> Submitting::limit_time(Job& job) const {
  const Milliseconds most = service_.options.time_limit;
  if (most.count() > 0 && job.time_limit > most) {
    return tl::unexpected(field_problem(
        "out_of_range", "$.time_limit",
        "this service gives a job at most " + std::to_string(most.count() / 1000) + " s"));
  }
  if (job.time_limit.count() == 0) job.time_limit = most;
  return {};
}

Outcome<void> Submitting::add_sources(const Job& common, std::vector<Job>& jobs) {
  const auto add = [&](AudioSource source) {
    Job& job = jobs.emplace_back(common);
    job.id = new_job_id(service_.clock.now());
    job.source = std::move(source);
  };
  for (const auto& recording : order_.recordings) add(recording->source());
  for (std::string& url : order_.submission.urls())
    add({.blob = "", .url = std::move(url), .name = ""});
  upload_id_ = order_.submission.upload_id();
  if (!upload_id_) return {};
  auto upload = find_usable_upload(service_, *upload_id_, caller_.owner, fingerprint_);
  if (!upload) return tl::unexpected(std::move(upload.error()));
  if (upload->job_id.empty()) {
    add(std::move(upload->source));
    return {};
  }
  auto job = find(upload->job_id);
  if (!job) return tl::unexpected(std::move(job.error()));
  accepted_.jobs.push_back(*std::move(job));
  accepted_.replayed = true;
  return {};
}

Outcome<void> Submitting::keep_recordings() {
  auto room = check_room(service_, 0);
  for (const auto& recording : order_.recordings) {
    if (room) room = recording->keep();
    if (room) kept_.push_back(recording->key());
  }
  if (room) return {};
  service_.log.error("a recording was not kept", {{"error", room.error().message}});
  return tl::unexpected(problem_of_storage(room.error()));
}

Outcome<void> Submitting::keep_known_speakers(const std::vector<Job>& jobs) {
  const auto speakers = order_.submission.known_speakers();
  if (speakers.is_null()) return {};
  for (const Job& job : jobs) {
    const std::string key = stage_key(job.id, kKnownSpeakersStage);
    if (auto kept = keep_blob(service_, key, speakers.dump()); !kept) return kept;
    kept_.push_back(key);
  }
  return {};
}

JobSubmission Submitting::submission_of(std::vector<Job> jobs) const {
  JobSubmission submission;
  if (order_.idempotency_key) {
    submission.key = IdempotencyKey{*order_.idempotency_key, *fingerprint_};
  }
  if (upload_id_) {
    submission.upload = use_of_upload(service_, *upload_id_, jobs.front().id, fingerprint_);
  }
  for (const Job& job : jobs) {
    submission.audit.push_back(audit_entry(service_, order_.request, "job.submit", job.id));
  }
  submission.jobs = std::move(jobs);
  return submission;
}

Outcome<void> Submitting::submit_all(std::vector<Job> jobs) {
  const std::string first = jobs.front().id;
  Creation creation;
  try {
    creation = service_.lifecycle.submit(submission_of(std::move(jobs)));
  } catch (const StoreError&) {
    drop_unless_stored(service_, first, std::exchange(kept_, {}));
    throw;
  }
  if (creation.outcome == Creation::Outcome::upload_gone) {
    return tl::unexpected(why_upload_is_unusable(service_, *upload_id_, caller_.owner));
  }
  if (auto refusal = refusal_of(creation.outcome)) return tl::unexpected(*std::move(refusal));
  accepted_.replayed = creation.outcome == Creation::Outcome::repeated;
  accepted_.jobs = std::move(creation.jobs);
  accepted_.batch_id = accepted_.jobs.front().batch_id;
  if (!accepted_.replayed) kept_.clear();
  return {};
}

Outcome<Job> Submitting::find(const std::string& id) {
  auto job = service_.store.jobs().find(id);
  if (job) return *std::move(job);
  return tl::unexpected(
      http::Problem{409, "job_removed", "The job of this submission was removed"});
}

void Submitting::drop_kept() {
  for (const std::string& key : std::exchange(kept_, {})) drop_blob(service_, key);
}

}  // namespace

tl::expected<void, http::Problem> keep_blob(Service& service, const std::string& key,
                                            std::string_view content) {
  const auto put = blob::put_blob(service.blobs, key, content);
  if (put) return {};
  service.log.error("a blob was not kept", {{"error", put.error().message}});
  return tl::unexpected(problem_of_storage(put.error()));
}

void drop_blob(Service& service, const std::string& key) {
  if (const auto removed = service.blobs.remove(key); !removed) {
    service.log.warning("a blob that nobody needs stayed until the next start",
                        {{"error", removed.error().message}});
  }
}

void drop_unless_stored(Service& service, const std::string& job_id,
                        const std::vector<std::string>& keys) {
  try {
    if (service.store.jobs().find(job_id)) return;
  } catch (const StoreError& error) {
    service.log.warning("blobs of a submission of unknown outcome stayed",
                        {{"job_id", job_id}, {"error", error.what()}});
    return;
  }
  for (const std::string& key : keys) drop_blob(service, key);
}

tl::expected<Accepted, http::Problem> make_jobs(Service& service, const Order& order) {
  return Submitting(service, order).run();
}

tl::expected<std::string, http::Problem> find_model(const Service& service,
                                                    const std::optional<std::string>& name) {
  const std::string wanted = name.value_or(service.options.default_model);
  const auto installed = service.library.installed();
  const auto by_name = std::ranges::find(installed, wanted, &models::Folder::name);
  if (by_name != installed.end()) return wanted;
  // Another name of one of them; but what resolve() finds elsewhere is not for clients.
  if (const auto folder = service.library.resolve(wanted)) {
    const auto by_path = std::ranges::find(installed, folder->path, &models::Folder::path);
    if (by_path != installed.end()) return by_path->name;
  }
  std::string names;
  for (const auto& folder : installed) names += (names.empty() ? "" : ", ") + folder.name;
  return tl::unexpected(
      field_problem("unknown_model", "$.model",
                    "the model " + (name ? "" : wanted + ", the default, ") +
                        "is not installed; there are: " + (names.empty() ? "none" : names)));
}

}  // namespace steno::api
