// The part of Lifecycle that serves workers.

#include <algorithm>
#include <stdexcept>
#include <thread>

#include "blob/blob.h"
#include "domain/stage.h"
#include "jobs/job_events.h"
#include "jobs/lifecycle.h"

namespace steno {
namespace {

constexpr Milliseconds kDeferred{2000};
/// One loss may be a coincidence: the job may have run beside the cause of the crash.
constexpr int kSuspectLosses = 2;

size_t rank_of(std::string_view stage) {
  const auto known = parse_stage(stage);
  if (!known) throw std::invalid_argument("no stage " + std::string(stage));
  return static_cast<size_t>(*known);
}

LeaseStatus status_of(const std::optional<Job>& stored, const Lease& lease) {
  if (!stored || stored->fence != lease.fence) return LeaseStatus::lost;
  if (stored->state == State::cancelled) return LeaseStatus::cancelled;
  return stored->state == State::processing ? LeaseStatus::kept : LeaseStatus::lost;
}

}  // namespace

bool is_suspect(const Job& job) { return job.losses >= kSuspectLosses; }

std::optional<Lease> Lifecycle::claim_next(std::string_view worker, const WorkerCapacity& capacity,
                                           ClaimPolicy policy) {
  while (true) {
    bool has_events = false;
    const auto change = [&](const Job& waiting) {
      JobWrite write = claimed(waiting, worker, policy);
      has_events = !write.events.empty();
      return write;
    };
    const ClaimOrder order{
        .now = clock_.now(), .ageing = policy_.ageing, .most_bytes = capacity.most_bytes};
    auto written = store_.jobs().claim_next(order, change);
    if (!written) return std::nullopt;
    follow_up(written->before, written->after, has_events);
    if (written->after.state != State::processing) continue;
    Lease lease;
    lease.worker = worker;
    lease.fence = written->after.fence;
    lease.reported = lease.fence > 1 ? reported_segments(written->after.id) : 0;
    lease.job = std::move(written->after);
    return lease;
  }
}

JobWrite Lifecycle::claimed(const Job& waiting, std::string_view worker, ClaimPolicy policy) {
  JobWrite write{waiting};
  Job& job = write.job;
  const Time now = clock_.now();
  if (end_overdue(job, write.events)) {
    write.usage = usage_of(waiting, job);
    return write;
  }
  if (policy == ClaimPolicy::defer_suspects && is_suspect(job)) {
    job.available_at = now + kDeferred;
    return write;
  }
  job.state = State::processing;
  job.stage = job.source.blob.empty() ? "fetching" : "loading";
  job.progress = 0;
  job.worker = worker;
  job.started_at = job.updated_at = now;
  ++job.attempt;
  ++job.fence;
  ++job.heartbeats;
  write.events.push_back(status_event(job, now));
  return write;
}

LeaseStatus Lifecycle::heartbeat(Lease& lease) {
  return change_held(lease, [](Job& job, Events&) {
    ++job.heartbeats;
    return true;
  });
}

LeaseStatus Lifecycle::look(const Lease& lease) {
  return status_of(store_.jobs().find(lease.job.id), lease);
}

LeaseStatus Lifecycle::advance(Lease& lease, std::string_view stage, double progress,
                               std::span<const std::string> segments, size_t first_segment) {
  const size_t rank = rank_of(stage);
  const size_t last = first_segment + segments.size();
  const LeaseStatus status = change_held(lease, [&](Job& job, Events& events) {
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
  if (status == LeaseStatus::kept) lease.reported = std::max(lease.reported, last);
  return status;
}

LeaseStatus Lifecycle::fetched(Lease& lease, const AudioSource& source) {
  return change_held(lease, [&](Job& job, Events&) {
    job.source = source;
    job.updated_at = clock_.now();
    ++job.heartbeats;
    return true;
  });
}

LeaseStatus Lifecycle::complete(Lease& lease, const AttemptResult& result, double compute_seconds) {
  LeaseStatus status = change_held(lease, [&](Job& job, Events& events) {
    job.stage = "done";
    job.progress = 100;
    job.result = result.result;
    job.audio_seconds = result.audio_seconds;
    job.warnings = result.warnings;
    job.compute_seconds += compute_seconds;
    job.failure.reset();
    end(job, events, State::completed);
    return true;
  });
  if (status == LeaseStatus::lost) {
    // An earlier call may have been stored although it threw.
    const auto stored = store_.jobs().find(lease.job.id);
    if (stored && stored->state == State::completed && stored->result == result.result) {
      lease.job = *stored;
      status = LeaseStatus::kept;
    }
  }
  // A result that cannot be removed now is an orphan, which housekeeping removes.
  if (status == LeaseStatus::kept) {
    report(Duty::result_removal, remove_results(lease.job.id, result.result));
  } else {
    report(Duty::result_removal, blobs_.remove(result.result));
    abandon(lease, compute_seconds);
  }
  return status;
}

LeaseStatus Lifecycle::fail(Lease& lease, const Failure& failure, Retry retry,
                            double compute_seconds) {
  LeaseStatus status = change_held(lease, [&](Job& job, Events& events) {
    job.compute_seconds += compute_seconds;
    end_attempt(job, events, failure, retry);
    return true;
  });
  if (status == LeaseStatus::lost) {
    // An earlier call may have been stored although it threw.
    const auto stored = store_.jobs().find(lease.job.id);
    if (stored && stored->fence == lease.fence && stored->failure == failure) {
      lease.job = *stored;
      status = LeaseStatus::kept;
    }
  }
  if (status != LeaseStatus::kept) abandon(lease, compute_seconds);
  return status;
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
    // A repeated call may find that its lease has ended.
    if (after.state == State::processing && change(after, events) &&
        write(lease.job, after, events)) {
      lease.job = std::move(after);
      return LeaseStatus::kept;
    }
    auto stored = store_.jobs().find(lease.job.id);
    if (const LeaseStatus status = status_of(stored, lease); status != LeaseStatus::kept)
      return status;
    // An earlier call of this worker was stored although it threw.
    lease.job = *std::move(stored);
    lease.reported = reported_segments(lease.job.id);
  }
  throw StoreError(StoreError::Kind::busy, "the job is being changed by too many at once");
}

size_t Lifecycle::reported_segments(std::string_view id) {
  constexpr int kPage = 1000;
  size_t reported = 0;
  for (int64_t last = 0;;) {
    const auto events = store_.events().events_of(id, last, kPage);
    reported += static_cast<size_t>(std::ranges::count(events, "segment", &Event::type));
    if (events.size() < kPage) return reported;
    last = events.back().number;
  }
}

}  // namespace steno
