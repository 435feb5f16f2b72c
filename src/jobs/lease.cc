// The part of Lifecycle that workers call.

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "blob/blob.h"
#include "domain/stage.h"
#include "jobs/job_events.h"
#include "jobs/lifecycle.h"

namespace steno {
namespace {

constexpr Milliseconds kPutOff{2000};
/// One loss may be chance; with the second, who was beside the culprit once is not again.
constexpr int kSuspectLosses = 2;

size_t rank_of(std::string_view stage) {
  const auto known = parse_stage(stage);
  if (!known) throw std::invalid_argument("no stage " + std::string(stage));
  return static_cast<size_t>(*known);
}

LeaseStatus hold_of(const std::optional<Job>& stored, const Lease& lease) {
  if (!stored || stored->fence != lease.fence) return LeaseStatus::lost;
  if (stored->state == State::cancelled) return LeaseStatus::cancelled;
  return stored->state == State::processing ? LeaseStatus::kept : LeaseStatus::lost;
}

}  // namespace

bool is_suspect(const Job& job) { return job.losses >= kSuspectLosses; }

std::optional<Lease> Lifecycle::claim(std::string_view id, std::string_view worker, Takes takes) {
  Lease lease;
  bool overdue = false;
  bool is_put_off = false;
  auto job = change(id, [&](Job& job, Events& events) {
    overdue = end_overdue(job, events);
    if (overdue) return true;
    if (job.state != State::pending) return false;
    const Time now = clock_.now();
    is_put_off = takes == Takes::no_suspect && is_suspect(job);
    if (is_put_off) {
      job.available_at = now + kPutOff;
      return true;
    }
    job.state = State::processing;
    job.stage = job.source.blob.empty() ? "fetching" : "loading";
    job.progress = 0;
    job.worker = worker;
    job.started_at = job.updated_at = now;
    ++job.attempt;
    ++job.fence;
    ++job.heartbeats;
    events.push_back(status_event(job, now));
    return true;
  });
  if (!job || is_put_off || overdue) return std::nullopt;
  lease.worker = worker;
  lease.fence = job->fence;
  lease.reported = lease.fence > 1 ? reported_segments(id) : 0;
  lease.job = *std::move(job);
  return lease;
}

LeaseStatus Lifecycle::heartbeat(Lease& lease) {
  return change_held(lease, [](Job& job, Events&) {
    ++job.heartbeats;
    return true;
  });
}

LeaseStatus Lifecycle::look(const Lease& lease) {
  return hold_of(store_.jobs().find(lease.job.id), lease);
}

LeaseStatus Lifecycle::advance(Lease& lease, std::string_view stage, double progress,
                               std::span<const std::string> segments, size_t first_segment) {
  const size_t rank = rank_of(stage);
  const size_t last = first_segment + segments.size();
  const LeaseStatus hold = change_held(lease, [&](Job& job, Events& events) {
    const Time now = clock_.now();
    for (size_t i = std::max(first_segment, lease.reported); i < last; ++i) {
      events.push_back(segment_event(job, now, segments[i - first_segment], i));
    }
    const bool is_later = rank > rank_of(job.stage);
    const bool is_more = progress > job.progress;
    if (is_later) job.stage = stage;
    if (is_more) job.progress = std::min(progress, 100.0);
    if (is_later || is_more) events.push_back(progress_event(job, now));
    if (!events.empty()) job.updated_at = now;
    ++job.heartbeats;
    return true;
  });
  if (hold == LeaseStatus::kept) lease.reported = std::max(lease.reported, last);
  return hold;
}

LeaseStatus Lifecycle::fetched(Lease& lease, const AudioSource& source) {
  return change_held(lease, [&](Job& job, Events&) {
    job.source = source;
    job.updated_at = clock_.now();
    ++job.heartbeats;
    return true;
  });
}

LeaseStatus Lifecycle::complete(Lease& lease, const AttemptResult& finish, double compute_seconds) {
  LeaseStatus hold = change_held(lease, [&](Job& job, Events& events) {
    job.stage = "done";
    job.progress = 100;
    job.result = finish.result;
    job.audio_seconds = finish.audio_seconds;
    job.warnings = finish.warnings;
    job.compute_seconds += compute_seconds;
    job.failure.reset();
    end(job, events, State::completed);
    return true;
  });
  if (hold == LeaseStatus::lost) {
    // An earlier call may have been stored although it threw.
    const auto stored = store_.jobs().find(lease.job.id);
    if (stored && stored->state == State::completed && stored->result == finish.result) {
      lease.job = *stored;
      hold = LeaseStatus::kept;
    }
  }
  // A result that cannot be removed now is nobody's: the next start sweeps it up.
  if (hold == LeaseStatus::kept) {
    (void)remove_results(lease.job.id, finish.result);
  } else {
    (void)blobs_.remove(finish.result);
    abandon(lease, compute_seconds);
  }
  return hold;
}

LeaseStatus Lifecycle::fail(Lease& lease, const Failure& failure, Retry retry,
                            double compute_seconds) {
  LeaseStatus hold = change_held(lease, [&](Job& job, Events& events) {
    job.compute_seconds += compute_seconds;
    end_attempt(job, events, failure, retry);
    return true;
  });
  if (hold == LeaseStatus::lost) {
    // An earlier call may have been stored although it threw.
    const auto stored = store_.jobs().find(lease.job.id);
    if (stored && stored->fence == lease.fence && stored->failure == failure) {
      lease.job = *stored;
      hold = LeaseStatus::kept;
    }
  }
  if (hold != LeaseStatus::kept) abandon(lease, compute_seconds);
  return hold;
}

LeaseStatus Lifecycle::give_back(Lease& lease) {
  return change_held(lease, [&](Job& job, Events& events) {
    --job.attempt;
    wait_again(job, events, clock_.now());
    return true;
  });
}

LeaseStatus Lifecycle::change_held(Lease& lease, const Change& change) {
  for (int tries = 0; tries < kMostTries; ++tries) {
    Job after = lease.job;
    Events events;
    // A lease that has ended already (a call that is repeated) has nothing to write from.
    if (after.state == State::processing && change(after, events) &&
        write(lease.job, after, events)) {
      lease.job = std::move(after);
      return LeaseStatus::kept;
    }
    auto stored = store_.jobs().find(lease.job.id);
    if (const LeaseStatus hold = hold_of(stored, lease); hold != LeaseStatus::kept) return hold;
    // Written meanwhile by a call of this worker that threw although it was stored.
    lease.job = *std::move(stored);
    lease.reported = reported_segments(lease.job.id);
  }
  throw StoreError(StoreError::Kind::busy, "the job is being changed by too many at once");
}

size_t Lifecycle::reported_segments(std::string_view id) {
  constexpr int kPage = 1000;
  size_t reported = 0;
  for (int64_t last = 0;;) {
    const auto events = store_.jobs().events_of(id, last, kPage);
    reported += static_cast<size_t>(std::ranges::count(events, "segment", &Event::type));
    if (events.size() < kPage) return reported;
    last = events.back().number;
  }
}

}  // namespace steno
