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

// One submission in the making: what it has done so far, to be taken back if it fails.
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
  Outcome<void> submit_all(std::vector<Job> jobs);
  Outcome<void> keep_known_speakers(Job& job);
  Outcome<void> take_upload();
  Outcome<void> take(const Creation& creation, const Job& job);
  Outcome<Job> find(const std::string& id);
  std::optional<IdempotencyKey> key_of(size_t index) const;
  void make_fingerprint();
  void take_back();
  void remove_created();

  Service& service_;
  const Order& order_;
  const Caller& caller_;
  std::optional<std::string> fingerprint_;
  std::optional<std::string> upload_id_;
  std::vector<std::string> kept_;  ///< blobs that no job has yet
  std::vector<std::string> created_;
  Accepted accepted_;
};

Outcome<Accepted> Submitting::run() {
  make_fingerprint();
  auto jobs = plan();
  if (!jobs) return tl::unexpected(std::move(jobs.error()));
  if (!accepted_.jobs.empty()) return std::move(accepted_);  // taken by an earlier, equal request
  try {
    auto done = keep_recordings();
    if (done) done = submit_all(*std::move(jobs));
    if (done) {
      accepted_.replayed = created_.empty();
      return std::move(accepted_);
    }
    take_back();
    return tl::unexpected(std::move(done.error()));
  } catch (const StoreError&) {
    take_back();
    throw;
  }
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
    jobs.push_back(common);
    jobs.back().source = std::move(source);
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

Outcome<void> Submitting::submit_all(std::vector<Job> jobs) {
  for (size_t i = 0; i < jobs.size(); ++i) {
    Job& job = jobs[i];
    job.batch_id = accepted_.batch_id;
    if (auto kept = keep_known_speakers(job); !kept) return kept;
    const Creation creation = service_.lifecycle.submit(job, key_of(i));
    if (auto taken = take(creation, job); !taken) return taken;
  }
  return upload_id_ ? take_upload() : Outcome<void>();
}

// Before the job is there, as a worker may begin with it at once.
Outcome<void> Submitting::keep_known_speakers(Job& job) {
  const auto speakers = order_.submission.known_speakers();
  if (speakers.is_null()) return {};
  job.id = new_job_id(service_.clock.now());
  const std::string key = stage_key(job.id, kKnownSpeakersStage);
  auto kept = keep_blob(service_, key, speakers.dump());
  if (kept) kept_.push_back(key);
  return kept;
}

Outcome<void> Submitting::take_upload() {
  auto noted = note_use(service_, *upload_id_, accepted_.jobs.front().id, fingerprint_);
  if (noted || created_.empty()) return {};  // what was accepted before stays so
  remove_created();
  return noted;
}

Outcome<void> Submitting::take(const Creation& creation, const Job& job) {
  const std::string known_speakers = stage_key(job.id, kKnownSpeakersStage);
  if (auto refusal = refusal_of(creation.outcome)) return tl::unexpected(*std::move(refusal));
  if (creation.outcome == Creation::Outcome::created) {
    created_.push_back(creation.job_id);
    std::erase(kept_, job.source.blob);
    std::erase(kept_, known_speakers);
    audit(service_, order_.request, "job.submit", creation.job_id);
  }
  auto stored = find(creation.job_id);
  if (!stored) return tl::unexpected(std::move(stored.error()));
  if (creation.outcome == Creation::Outcome::repeated) {
    if (std::erase(kept_, job.source.blob) > 0) drop_blob(service_, job.source.blob);
    if (std::erase(kept_, known_speakers) > 0) drop_blob(service_, known_speakers);
    accepted_.batch_id = stored->batch_id;  // the rest of it may still be missing
  }
  accepted_.jobs.push_back(*std::move(stored));
  return {};
}

Outcome<Job> Submitting::find(const std::string& id) {
  auto job = service_.store.jobs().find(id);
  if (job) return *std::move(job);
  return tl::unexpected(
      http::Problem{409, "job_removed", "The job of this submission was removed"});
}

// A batch's first job has the key itself, so that the key cannot serve another submission.
std::optional<IdempotencyKey> Submitting::key_of(size_t index) const {
  if (!order_.idempotency_key) return std::nullopt;
  std::string key = *order_.idempotency_key;
  if (index > 0) key += "\n" + std::to_string(index);  // which no header can hold
  return IdempotencyKey{std::move(key), *fingerprint_};
}

// The job of an upload stays, and whoever submits the upload again is told of it: its audio is what
// the upload's row still names, and must not go without that.
void Submitting::take_back() {
  if (upload_id_) return;
  for (const std::string& key : kept_) drop_blob(service_, key);
  remove_created();
}

void Submitting::remove_created() {
  for (const std::string& id : std::exchange(created_, {})) {
    const auto cancelled = service_.lifecycle.cancel(id);
    const auto purged = service_.lifecycle.purge(id);
    if (!cancelled || !purged) {
      service_.log.warning("a job of a failed submission stayed", {{"job_id", id}});
    }
  }
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
