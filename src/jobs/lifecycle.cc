// The part of Lifecycle that serves clients, and the writing of changes.

#include "jobs/lifecycle.h"

#include <algorithm>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/id.h"
#include "blob/blob.h"
#include "jobs/checkpoint_keys.h"
#include "jobs/job_events.h"
#include "jobs/unredacted.h"
#include "store/usage_store.h"

namespace steno {
namespace {

double random_between(double low, double high) {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(low, high)(generator);
}

/// Waits after the `tries`-th conflict, so that other writers can finish.
void wait_for_others(int tries) {
  const double most = std::min(1 << std::min(tries, 5), 20);
  std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(random_between(0, most)));
}

/// Exponential back-off with full jitter after `failed` attempts.
Milliseconds back_off(const JobPolicy& policy, int failed) {
  double most = static_cast<double>(policy.retry_base.count());
  for (int i = 1; i < failed && most < 1e12; ++i) most *= 2;
  most = std::min(most, static_cast<double>(policy.retry_most.count()));
  return Milliseconds(static_cast<int64_t>(random_between(0, most)));
}

/// An empty entry for the job's key today.
Usage no_usage(const Job& job, Time now) {
  Usage usage;
  usage.owner = job.owner;
  usage.key_id = job.key_id;
  usage.day = to_iso8601(now).substr(0, 10);
  return usage;
}

tl::unexpected<Error> no_job(std::string_view id) {
  return fail(Errc::not_found, "no job " + std::string(id));
}

}  // namespace

std::string result_key(std::string_view job_id, int64_t fence) {
  return "results/" + std::string(job_id) + "/" + std::to_string(fence) + ".json";
}

std::string new_job_id(Time now) { return new_id("job_", now); }

std::string stage_key(std::string_view job_id, std::string_view stage) {
  return "stages/" + std::string(job_id) + "/" + std::string(stage);
}

std::string checkpoint_prefix(std::string_view job_id) {
  return "stages/" + std::string(job_id) + "/checkpoints/";
}

std::string fetched_audio_key(std::string_view job_id, int64_t fence) {
  return "audio/" + std::string(job_id) + "/" + std::to_string(fence);
}

Lifecycle::Lifecycle(Store& store, Queue& queue, blob::BlobStore& blobs, Notifier& event_notifier,
                     const Clock& clock, JobPolicy policy, OnFailure on_failure)
    : store_(store),
      queue_(queue),
      blobs_(blobs),
      event_notifier_(event_notifier),
      clock_(clock),
      policy_(policy),
      on_failure_(std::move(on_failure)) {}

Creation Lifecycle::submit(JobSubmission submission) {
  const Time now = clock_.now();
  Events events;
  for (Job& job : submission.jobs) {
    if (job.id.empty()) job.id = new_job_id(now);
    job.state = State::pending;
    job.stage = "queued";
    job.progress = 0;
    job.created_at = job.updated_at = job.available_at = now;
    events.push_back(status_event(job, now));
  }
  const SubmissionRules rules{.remember_key = policy_.idempotency, .limits = policy_.limits};
  Creation creation = store_.jobs().submit(submission, events, rules);
  if (creation.outcome == Creation::Outcome::created) {
    event_notifier_.notify();
    queue_.push(creation.jobs);
  }
  return creation;
}

std::optional<Creation::Outcome> Lifecycle::refusal(std::string_view owner,
                                                    const std::optional<std::string>& key) {
  return store_.jobs().refusal(owner, key, clock_.now(), policy_.limits);
}

Result<Job> Lifecycle::cancel(std::string_view id) {
  bool found = false;
  auto job = change(id, [&](Job& job, Events& events) {
    found = true;
    if (is_final(job.state)) return false;
    end(job, events, State::cancelled);
    return true;
  });
  if (!found) return no_job(id);
  if (!job) return steno::fail(Errc::conflict, "the job has ended");
  return *std::move(job);
}

Result<void> Lifecycle::purge(std::string_view id) {
  const auto job = store_.jobs().find(id);
  if (!job) return no_job(id);
  if (!is_final(job->state)) {
    return steno::fail(Errc::conflict, "the job has not ended; cancel it first");
  }
  // The row first: if this process ends now, the blobs are orphans, which housekeeping removes.
  if (!store_.jobs().erase(id)) return no_job(id);
  ++purges_;
  event_notifier_.notify();
  auto audio = remove_audio(*job);
  auto results = remove_results(id, "");
  auto stages = remove_all("stages/" + std::string(id) + "/", "");
  auto unredacted = remove_unredacted(blobs_, id);
  if (!stages) return stages;
  return !audio ? audio : !results ? results : unredacted;
}

Result<Job> Lifecycle::send_again(std::string_view id) {
  bool found = false;
  std::string conflict;
  auto job = change(id, [&](Job& job, Events& events) {
    found = true;
    const bool has_audio =
        !job.source.blob.empty() || !job.source.url.empty() || !job.rerun_of.empty();
    conflict = job.state != State::failed ? "the job has not failed"
               : !has_audio               ? "the job's audio has been deleted"
                                          : "";
    if (!conflict.empty()) return false;
    job.attempt = 0;
    job.losses = 0;
    job.dead_letter = false;
    job.failure.reset();
    job.started_at.reset();
    job.finished_at.reset();
    job.queue_until.reset();
    wait_again(job, events, clock_.now());
    return true;
  });
  if (!found) return no_job(id);
  if (!job) return steno::fail(Errc::conflict, conflict);
  return *std::move(job);
}

Result<Job> Lifecycle::discard(std::string_view id) {
  bool found = false;
  auto job = change(id, [&](Job& job, Events&) {
    found = true;
    return std::exchange(job.dead_letter, false);
  });
  if (!found) return no_job(id);
  if (!job) return steno::fail(Errc::conflict, "the job is no dead letter");
  return *std::move(job);
}

std::optional<Job> Lifecycle::change(std::string_view id, const Change& change) {
  for (int tries = 0; tries < kMostTries; ++tries) {
    if (tries > 1) wait_for_others(tries);
    const auto before = store_.jobs().find(id);
    if (!before) return std::nullopt;
    Job after = *before;
    Events events;
    if (!change(after, events)) return std::nullopt;
    if (write(*before, after, events)) return after;
  }
  throw StoreError(StoreError::Kind::busy, "the job is being changed by too many at once");
}

bool Lifecycle::write(const Job& before, Job& after, const Events& events) {
  require_allowed(before, after);
  if (!store_.jobs().update(after, events, usage_of(before, after))) return false;
  follow_up(before, after, !events.empty());
  return true;
}

void Lifecycle::require_allowed(const Job& before, const Job& after) {
  if (after.state == before.state || may_move(before.state, after.state)) return;
  throw std::logic_error("a job may not move from " + std::string(to_string(before.state)) +
                         " to " + std::string(to_string(after.state)));
}

std::optional<Usage> Lifecycle::usage_of(const Job& before, const Job& after) const {
  const bool has_ended = is_final(after.state) && !is_final(before.state);
  if (!has_ended && after.compute_seconds == before.compute_seconds) return std::nullopt;
  Usage usage = no_usage(after, clock_.now());
  usage.compute_seconds = after.compute_seconds - before.compute_seconds;
  if (has_ended) {
    usage.jobs = 1;
    usage.failures = after.state == State::failed ? 1 : 0;
    usage.bytes = after.source.bytes;
    usage.audio_seconds = after.state == State::completed ? after.audio_seconds : 0;
  }
  return usage;
}

void Lifecycle::follow_up(const Job& before, const Job& after, bool has_events) {
  if (has_events) event_notifier_.notify();
  if (after.state == State::pending) queue_.push(std::span(&after, 1));
  // Audio that cannot be removed now is an orphan, which housekeeping removes.
  if (after.source.blob.empty()) report(Duty::audio_removal, remove_audio(before));
  if (before.state == State::processing && after.state != State::processing) {
    remove_unrecorded(after);
  }
  // A copy that cannot be removed now is removed by clean().
  if (is_final(after.state) && !is_final(before.state) && !after.rerun_of.empty()) {
    report(Duty::unredacted_removal, remove_unredacted(blobs_, after.id));
  }
  // Checkpoints that cannot be removed now are orphans.
  if (is_final(after.state) && !is_final(before.state)) {
    report(Duty::checkpoint_removal, remove_all(checkpoint_prefix(after.id), ""));
  }
}

/// A worker may have stored the audio that it fetched, and ended before it wrote the row.
void Lifecycle::remove_unrecorded(const Job& job) {
  const std::string fetched = fetched_audio_key(job.id, job.fence);
  if (!job.source.url.empty() && job.source.blob != fetched) {
    report(Duty::audio_removal, blobs_.remove(fetched));
  }
}

void Lifecycle::report(Duty duty, const Result<void>& outcome) const {
  if (!outcome && on_failure_) on_failure_(duty, outcome.error().message);
}

void Lifecycle::abandon(const Lease& lease, double compute_seconds) {
  // The stopped work may have kept a checkpoint after the job had ended.
  const auto stored = store_.jobs().find(lease.job.id);
  if (!stored || is_final(stored->state)) {
    report(Duty::checkpoint_removal, remove_all(checkpoint_prefix(lease.job.id), ""));
  }
  bool is_counted = false;
  const Change count = [&](Job& job, Events&) {
    // The row of a lost job belongs to another attempt.
    if (job.state != State::cancelled || job.fence != lease.fence) return false;
    // Only this function adds to it: an earlier call was stored although it threw.
    is_counted = job.compute_seconds > lease.job.compute_seconds;
    if (!is_counted) job.compute_seconds += compute_seconds;
    return !is_counted;
  };
  if (change(lease.job.id, count) || is_counted) return;
  Usage usage = no_usage(lease.job, clock_.now());
  usage.compute_seconds = compute_seconds;
  store_.usage().add(usage);
}

void Lifecycle::wait_again(Job& job, Events& events, Time available_at) {
  const Time now = clock_.now();
  job.state = State::pending;
  job.stage = "queued";
  job.progress = 0;
  job.worker.clear();
  job.available_at = available_at;
  job.updated_at = now;
  events.push_back(status_event(job, now, job.failure ? &*job.failure : nullptr));
}

void Lifecycle::end(Job& job, Events& events, State state) {
  const Time now = clock_.now();
  job.state = state;
  job.worker.clear();
  job.updated_at = now;
  job.finished_at = now;
  if (policy_.keep_audio && policy_.keep_audio->count() == 0) job.source.blob.clear();
  const bool failed = state == State::failed && job.failure.has_value();
  events.push_back(status_event(job, now, failed ? &*job.failure : nullptr));
  events.push_back(end_event(job, now));
}

void Lifecycle::end_attempt(Job& job, Events& events, const Failure& failure, Retry retry) {
  job.failure = failure;
  const bool may_go_on = job.attempt < job.max_attempts && job.losses < policy_.max_losses;
  if (retry == Retry::yes && may_go_on) {
    wait_again(job, events, clock_.now() + back_off(policy_, job.attempt + job.losses));
    return;
  }
  job.dead_letter = retry == Retry::yes;
  end(job, events, State::failed);
}

Result<void> Lifecycle::remove_audio(const Job& job) {
  if (job.source.blob.empty()) return {};
  return blobs_.remove(job.source.blob);
}

Result<void> Lifecycle::remove_results(std::string_view id, std::string_view but) {
  return remove_all("results/" + std::string(id) + "/", but);
}

Result<void> Lifecycle::remove_all(std::string_view prefix, std::string_view but) {
  Result<void> outcome;
  const auto remove = [&](const blob::BlobInfo& blob) {
    if (blob.key == but) return;
    if (auto removed = blobs_.remove(blob.key); !removed) outcome = removed;
  };
  if (auto listed = blobs_.list(prefix, remove); !listed) return listed;
  return outcome;
}

}  // namespace steno
