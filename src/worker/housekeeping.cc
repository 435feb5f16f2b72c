#include "worker/housekeeping.h"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "base/pause.h"
#include "blob/blob.h"
#include "jobs/expired_uploads.h"
#include "telemetry/log.h"
#include "workers/worker_registry.h"

namespace steno {
namespace {

using Steady = std::chrono::steady_clock;

std::vector<std::string> all_workers(WorkerRegistry& registry) {
  std::vector<std::string> names;
  for (RegisteredWorker& worker : registry.list()) {
    names.push_back(std::move(worker.description.name));
  }
  return names;
}

/// Whether `next` has come, which then moves on by `every`.
bool is_due(Steady::time_point& next, Milliseconds every) {
  const auto now = Steady::now();
  if (now < next) return false;
  next = now + every;
  return true;
}

}  // namespace

Housekeeping::Housekeeping(HousekeepingParts parts, HousekeepingOptions options)
    : parts_(parts),
      options_(options),
      workers_before_(all_workers(parts.workers)),
      leader_(parts.store.leaders(), "housekeeping", options.leader_ttl),
      watch_(options.lease),
      sweeper_([this](const std::stop_token& stop) { sweep_blobs(stop); }),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

/// A duty that fails neither keeps the others from running nor itself from the next round.
template <class Task>
void Housekeeping::attempt(Duty duty, const char* what, const Task& task) {
  try {
    if (const int done = task(); done > 0) parts_.log.info(what, {{"jobs", done}});
  } catch (const std::exception& error) {
    parts_.failures.add(duty, error.what());
  }
}

void Housekeeping::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    do_own_duties();
    bool leads = false;
    attempt(Duty::leadership, "leadership renewed", [&] {
      leads = leader_.renew();
      return 0;
    });
    if (leads && !led_) parts_.log.info("this process leads the housekeeping now");
    led_ = leads;
    if (leads) do_leaders_duties();
    pause_for(options_.every, stop);
  }
}

void Housekeeping::do_own_duties() {
  look_at_workers();
  attempt(Duty::purged_content, "purged jobs removed from the database's files", [this] {
    parts_.lifecycle.scrub();
    return 0;
  });
  if (is_due(next_unfinished_, options_.clean_every)) {
    attempt(Duty::unfinished_files, "unfinished files removed", [this] {
      const auto swept = parts_.blobs.sweep_unfinished(std::chrono::seconds(0));
      if (!swept) throw std::runtime_error(swept.error().message);
      return 0;
    });
  }
  if (!is_due(next_staging_, options_.clean_every)) return;
  attempt(Duty::staged_uploads, "staged uploads discarded", [this] {
    const auto swept = sweep_staging(parts_.store, parts_.staging, parts_.clock.now());
    if (!swept) throw std::runtime_error(swept.error().message);
    return 0;
  });
}

/// Each duty asks again, because the one before it may have taken longer than the leader's time.
void Housekeeping::do_leaders_duties() {
  const auto duty = [this](Duty which, const char* what, const auto& task) {
    if (leader_.leads()) attempt(which, what, task);
  };
  duty(Duty::silent_workers, "jobs of silent workers are retried", [this] { return reap(); });
  duty(Duty::clock, "jobs released after the clock was set back",
       [this] { return parts_.lifecycle.follow_clock(); });
  duty(Duty::queue_timeouts, "jobs waited too long", [this] { return parts_.lifecycle.expire(); });
  if (is_due(next_hints_, options_.hints_every)) {
    duty(Duty::hints, "hints of waiting jobs repeated", [this] {
      parts_.lifecycle.repeat_hints(options_.hints_every);
      return 0;
    });
  }
  if (is_due(next_clean_, options_.clean_every)) {
    duty(Duty::retention, "jobs cleaned by retention", [this] { return parts_.lifecycle.clean(); });
  }
}

void Housekeeping::look_at_workers() {
  std::vector<std::string> dead;
  attempt(Duty::dead_workers, "dead workers found", [&] {
    std::set<std::string> silent;
    for (const RegisteredWorker& worker : parts_.workers.list()) {
      const std::string& name = worker.description.name;
      if (worker.state == WorkerState::dead) dead.push_back(name);
      if (worker.state == WorkerState::silent) silent.insert(name);
      const bool was_silent = silent_workers_.contains(name);
      if (worker.state == WorkerState::silent && !was_silent) {
        parts_.log.warning("a worker's process is stopped or hangs", {{"worker", name}});
      } else if (worker.state == WorkerState::alive && was_silent) {
        parts_.log.info("a silent worker sends heartbeats again", {{"worker", name}});
      }
    }
    silent_workers_ = std::move(silent);
    return 0;
  });
  for (const std::string& name : dead) release_jobs_of(name);
  // A killed worker leaves the file that it was writing, with the words of a recording.
  if (!dead.empty()) next_unfinished_ = {};
}

void Housekeeping::release_jobs_of(const std::string& dead_worker) {
  const bool was_before = std::ranges::find(workers_before_, dead_worker) != workers_before_.end();
  attempt(Duty::dead_workers, "jobs of a dead worker are retried", [&] {
    int jobs = 0;
    parts_.workers.bury(dead_worker, [&] {
      const LossCause cause = was_before ? LossCause::shutdown : LossCause::job;
      jobs = parts_.lifecycle.lost_worker(dead_worker, cause);
    });
    if (jobs > 0) parts_.log.warning("a worker is dead", {{"worker", dead_worker}});
    return jobs;
  });
}

/// While the database cannot be written, workers cannot send heartbeats, so that time does not
/// count.
int Housekeeping::reap() {
  parts_.lifecycle.require_writable();
  watch_.look(Steady::now());
  try {
    return parts_.lifecycle.reap([this](const Job& job) {
      const bool has_lapsed = watch_.has_lapsed(job);
      if (has_lapsed) {
        parts_.log.warning("a worker is silent: it may hang",
                           {{"worker", job.worker}, {"job_id", job.id}});
      }
      return has_lapsed;
    });
  } catch (const StoreError&) {
    watch_ = LeaseWatch(options_.lease);
    throw;
  }
}

/// On a thread of its own: it takes long where there are many blobs.
void Housekeeping::sweep_blobs(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!leader_.leads()) {
      pause_for(options_.every, stop);
      continue;
    }
    attempt(Duty::orphans, "orphans removed", [&] {
      remove_orphans_once(stop);
      return 0;
    });
    pause_for(options_.orphans_every, stop);
  }
}

void Housekeeping::remove_orphans_once(const std::stop_token& stop) {
  const auto removed =
      remove_orphans(parts_.store, parts_.blobs, parts_.clock.now() - options_.orphan_age,
                     [&] { return !stop.stop_requested() && leader_.leads(); });
  if (!removed) throw std::runtime_error(removed.error().message);
  if (*removed > 0) {
    parts_.log.info("removed files that belong to no job", {{"files", *removed}});
  }
}

}  // namespace steno
