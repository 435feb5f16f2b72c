#include "worker/worker.h"

#include <algorithm>
#include <utility>

#include "base/pause.h"
#include "telemetry/log.h"
#include "worker/attempt.h"

namespace steno {
namespace {

using Steady = std::chrono::steady_clock;

constexpr Milliseconds kReportEvery{200};
constexpr Milliseconds kListenEvery{500};
// Limits how often notifications cause a query.
constexpr Milliseconds kLookAtMost{100};
constexpr Milliseconds kAfterFailure{500};
// After the grace period, jobs are handed back within 5 s.
constexpr Milliseconds kCheckpointWait{4000};

WorkerOptions checked(WorkerOptions options) {
  options.jobs_at_once = std::max(options.jobs_at_once, 1);
  // At least one place remains for long recordings.
  options.short_reserve = std::clamp(options.short_reserve, 0, options.jobs_at_once - 1);
  return options;
}

}  // namespace

struct Worker::Running {
  std::shared_ptr<Attempt> attempt;
  std::jthread thread;
};

Worker::Worker(WorkerParts parts, WorkerOptions options)
    : parts_(std::move(parts)), options_(checked(std::move(options))) {
  listener_ = std::jthread([this](const std::stop_token& stop) { listen(stop); });
  reporter_ = std::jthread([this](const std::stop_token& stop) { report_attempts(stop); });
  claimer_ = std::jthread([this](const std::stop_token& stop) { claim_jobs(stop); });
}

Worker::~Worker() { stop(Milliseconds(0)); }

void Worker::stop(Milliseconds grace) {
  {
    const MutexLock lock(mutex_);
    deadline_ = std::min(deadline_, Steady::now() + grace);
  }
  changed_.notify_all();
  claimer_.request_stop();

  const MutexLock once(stopping_);
  if (claimer_.joinable()) claimer_.join();
  {
    const MutexLock lock(mutex_);
    while (!all_over() && Steady::now() < deadline_) {
      // Waits in steps, because the deadline may become earlier, and a deadline without limit
      // overflows.
      changed_.wait_for(
          mutex_, std::min<Steady::duration>(deadline_ - Steady::now(), std::chrono::minutes(1)));
    }
  }
  give_back_jobs();
  std::list<Running> last;
  {
    const MutexLock lock(mutex_);
    last.swap(running_);
  }
  last.clear();  // joins
  reporter_.request_stop();
  listener_.request_stop();
}

/// Each job's thread stores its checkpoint first. A thread that takes too long loses it.
void Worker::give_back_jobs() {
  for (const auto& attempt : attempts()) attempt->stop_to_give_back();
  {
    const MutexLock lock(mutex_);
    changed_.wait_for(mutex_, kCheckpointWait, [this]() REQUIRES(mutex_) { return all_over(); });
  }
  for (const auto& attempt : attempts()) attempt->give_back_now();
}

bool Worker::all_over() const {
  return std::ranges::all_of(running_, [](const Running& job) { return job.attempt->is_over(); });
}

int Worker::running() const {
  const MutexLock lock(mutex_);
  return static_cast<int>(
      std::ranges::count_if(running_, [](const Running& job) { return !job.attempt->is_over(); }));
}

void Worker::claim_jobs(const std::stop_token& stop) {
  while (true) {
    const WorkerCapacity capacity = wait_for_capacity(stop);
    if (stop.stop_requested()) return;
    try {
      claim_one(capacity, stop);
    } catch (const std::exception& error) {
      parts_.log.warning("no job can be claimed now", {{"error", error.what()}});
      pause_for(kAfterFailure, stop);
    }
  }
}

WorkerCapacity Worker::wait_for_capacity(const std::stop_token& stop) {
  join_ended();
  const MutexLock lock(mutex_);
  const auto free_places = [this]() REQUIRES(mutex_) {
    return options_.jobs_at_once -
           static_cast<int>(std::ranges::count_if(
               running_, [](const Running& job) { return !job.attempt->is_over(); }));
  };
  changed_.wait(mutex_, stop, [&]() REQUIRES(mutex_) { return free_places() > 0; });
  WorkerCapacity capacity;
  if (free_places() <= options_.short_reserve) {
    capacity.most_bytes = options_.short_bytes;
    pop_stop_ = std::stop_source();
  } else {
    pop_stop_ = std::stop_source(std::nostopstate);
  }
  return capacity;
}

void Worker::claim_one(const WorkerCapacity& capacity, const std::stop_token& stop) {
  const auto policy = runs_suspect() ? ClaimPolicy::defer_suspects : ClaimPolicy::all;
  auto lease = parts_.lifecycle.claim_next(options_.name, capacity, policy);
  if (!lease) return wait_for_hint(stop);
  start(*std::move(lease));
}

void Worker::wait_for_hint(const std::stop_token& stop) {
  std::stop_source pop_stop;
  {
    const MutexLock lock(mutex_);
    if (pop_stop_.stop_possible()) pop_stop = pop_stop_;
  }
  const std::stop_callback pass_on(stop, [&pop_stop] { pop_stop.request_stop(); });
  const auto ticket = parts_.queue.pop(options_.poll, pop_stop.get_token());
  if (!ticket) return;
  parts_.queue.done(*ticket);
  if (stop.stop_requested()) parts_.queue.wake();  // this worker looks no more
}

/// A suspect runs only with jobs for which one more loss is not the last.
bool Worker::runs_suspect() const {
  const MutexLock lock(mutex_);
  return std::ranges::any_of(running_, [](const Running& job) {
    return !job.attempt->is_over() && job.attempt->is_suspect();
  });
}

void Worker::start(Lease lease) {
  auto attempt = std::make_shared<Attempt>(parts_, options_, std::move(lease));
  const MutexLock lock(mutex_);
  running_.push_back({attempt, std::jthread([this, attempt] {
                        attempt->run();
                        {
                          const MutexLock ended(mutex_);
                          pop_stop_.request_stop();
                        }
                        changed_.notify_all();
                      })});
  changed_.notify_all();
}

void Worker::join_ended() {
  std::list<Running> ended;
  const MutexLock lock(mutex_);
  for (auto job = running_.begin(); job != running_.end();) {
    const auto next = std::next(job);
    if (job->attempt->is_over()) ended.splice(ended.end(), running_, job);
    job = next;
  }
}

void Worker::report_attempts(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto now = Steady::now();
    const auto all = attempts();
    for (const auto& attempt : all) attempt->pulse(now);
    if (all.empty()) {
      const MutexLock lock(mutex_);
      changed_.wait(mutex_, stop, [this]() REQUIRES(mutex_) { return !running_.empty(); });
    }
    pause_for(kReportEvery, stop);
  }
}

void Worker::listen(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      watch_events(stop);
    } catch (const std::exception& error) {
      // Until then, the next heartbeat of a cancelled job reports it, with a delay.
      parts_.log.warning("notifications cannot be received", {{"error", error.what()}});
      pause_for(kAfterFailure, stop);
    }
  }
}

void Worker::watch_events(const std::stop_token& stop) {
  const auto listener = parts_.event_notifier.listen();
  bool has_events = true;  // events may have been added before listening started
  while (!stop.stop_requested()) {
    if (has_events) {
      for (const auto& attempt : attempts()) attempt->look();
      pause_for(kLookAtMost, stop);
    }
    has_events = listener->wait(kListenEvery, stop);
  }
}

std::vector<std::shared_ptr<Attempt>> Worker::attempts() const {
  const MutexLock lock(mutex_);
  std::vector<std::shared_ptr<Attempt>> all;
  for (const Running& job : running_) {
    if (!job.attempt->is_over()) all.push_back(job.attempt);
  }
  return all;
}

}  // namespace steno
