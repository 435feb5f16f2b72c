// The part of Lifecycle for jobs without a client's or worker's request.

#include <algorithm>

#include "jobs/expired_uploads.h"
#include "jobs/job_events.h"
#include "jobs/lifecycle.h"
#include "jobs/unredacted.h"
#include "store/upload_store.h"

namespace steno {
namespace {

constexpr int kPage = 100;
/// A job that was claimed more often than this may cause the crashes of the whole service. (For
/// lack of memory, the system may end a whole container.)
constexpr int64_t kMostFreeClaims = 20;

}  // namespace

int Lifecycle::lost_worker(std::string_view worker, LossCause cause) {
  int ended = 0;
  for (const Job& held : store_.jobs().processing()) {
    if (held.worker != worker) continue;
    const auto job = change(held.id, [&](Job& job, Events& events) {
      if (job.state != State::processing || job.fence != held.fence) return false;
      if (cause == LossCause::shutdown && job.fence <= kMostFreeClaims) {
        --job.attempt;
        wait_again(job, events, clock_.now());
      } else {
        end_lost(job, events);
      }
      return true;
    });
    if (job) ++ended;
  }
  return ended;
}

int Lifecycle::reap(const std::function<bool(const Job&)>& lapsed) {
  int ended = 0;
  for (const Job& held : store_.jobs().processing()) {
    if (!lapsed(held)) continue;
    Job job = held;
    Events events;
    end_lost(job, events);
    // A single try: if the job has changed since, its worker is alive.
    if (write(held, job, events)) ++ended;
  }
  return ended;
}

int Lifecycle::expire() {
  int expired = 0;
  while (true) {
    const auto ids = store_.jobs().overdue(clock_.now(), kPage);
    int changed = 0;
    for (const std::string& id : ids) {
      const Change expire_it = [this](Job& job, Events& events) {
        return end_overdue(job, events);
      };
      if (change(id, expire_it)) ++changed;
    }
    expired += changed;
    if (ids.size() < kPage || changed == 0) return expired;
  }
}

int Lifecycle::repeat_hints(Milliseconds waited) {
  const auto jobs = store_.jobs().available_before(clock_.now() - waited, kPage);
  if (!jobs.empty()) queue_.push(jobs);
  return static_cast<int>(jobs.size());
}

int Lifecycle::follow_clock() {
  const Time now = clock_.now();
  if (clock_seen_.exchange(now) <= now) return 0;
  int changed = 0;
  JobQuery query;
  query.state = State::pending;
  query.limit = kPage;
  const Change let_go = [this](Job& job, Events&) { return wait_from_now(job); };
  while (true) {
    const auto jobs = store_.jobs().list(query);
    for (const Job& job : jobs) {
      if (job.updated_at > now && change(job.id, let_go)) ++changed;
    }
    if (jobs.size() < kPage) return changed;
    query.after_id = jobs.back().id;
  }
}

/// Keeps the rest of its back-off.
bool Lifecycle::wait_from_now(Job& job) const {
  const Time now = clock_.now();
  if (job.state != State::pending || job.updated_at <= now) return false;
  job.available_at = now + std::max(job.available_at - job.updated_at, Milliseconds(0));
  job.updated_at = now;
  return true;
}

void Lifecycle::require_writable() {
  // A transaction without rows waits for the lock as any other, and writes nothing.
  store_.uploads().erase("");
}

int Lifecycle::clean() {
  int cleaned = 0;
  const Time now = clock_.now();
  if (policy_.keep_results) cleaned += clean_jobs(now - *policy_.keep_results);
  if (policy_.keep_audio) cleaned += clean_audio(now - *policy_.keep_audio);
  // What cannot be removed now is tried again at the next call.
  report(Duty::unredacted_removal, sweep_unredacted(store_.jobs(), blobs_));
  cleaned += remove_expired_uploads(store_, blobs_, now, on_failure_);
  return cleaned;
}

void Lifecycle::scrub() {
  const int64_t purges = purges_;
  if (purges > scrubbed_ && store_.administration().scrub()) scrubbed_ = purges;
}

int Lifecycle::clean_audio(Time before) {
  int cleaned = 0;
  while (true) {
    const auto jobs = store_.jobs().ended_before(before, JobStore::Kept::audio, kPage);
    int changed = 0;
    for (const Job& ended : jobs) {
      const Change drop_audio = [](Job& job, Events&) {
        if (!is_final(job.state) || job.source.blob.empty()) return false;
        job.source.blob.clear();  // write() then removes the blob
        return true;
      };
      if (change(ended.id, drop_audio)) ++changed;
    }
    cleaned += changed;
    if (jobs.size() < kPage || changed == 0) return cleaned;
  }
}

int Lifecycle::clean_jobs(Time before) {
  int cleaned = 0;
  while (true) {
    const auto jobs = store_.jobs().ended_before(before, JobStore::Kept::job, kPage);
    int removed = 0;
    for (const Job& job : jobs) {
      const auto purged = purge(job.id);
      report(Duty::retention, purged);
      if (purged) ++removed;
    }
    cleaned += removed;
    if (jobs.size() < kPage || removed == 0) return cleaned;
  }
}

void Lifecycle::end_lost(Job& job, Events& events) {
  ++job.losses;
  if (job.losses < policy_.max_losses) --job.attempt;
  const std::string times = job.losses == 1 ? "" : std::to_string(job.losses) + " times ";
  end_attempt(job, events, {"worker_lost", "the worker died " + times + "on this recording"},
              Retry::yes);
}

bool Lifecycle::end_overdue(Job& job, Events& events) {
  if (job.state != State::pending || !job.queue_until || *job.queue_until > clock_.now()) {
    return false;
  }
  job.failure = Failure{"queue_timeout", "the job waited longer than its time in the queue"};
  end(job, events, State::failed);
  return true;
}

}  // namespace steno
