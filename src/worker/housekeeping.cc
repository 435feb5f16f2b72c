#include "worker/housekeeping.h"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "base/pause.h"
#include "blob/blob.h"
#include "jobs/expired_uploads.h"
#include "jobs/trash.h"
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
    report_held_deletions();
    if (leads) do_leaders_duties();
    pause_for(options_.every, stop);
  }
}

void Housekeeping::report_held_deletions() {
  const auto jump = parts_.clock.jump();
  if (jump && !has_jumped_) {
    parts_.log.warning("the clock is not believed",
                       {{"cause", describe(*jump, parts_.clock.now())}});
  } else if (!jump && has_jumped_) {
    parts_.log.info("the clock is believed again");
  }
  has_jumped_ = jump.has_value();
  const Match match = parts_.pairing.match();
  if (match != match_ && match == Match::same) {
    parts_.log.info("the database and the blobs belong together");
  } else if (match != match_) {
    parts_.log.error("nothing is deleted", {{"cause", describe(match)}});
  }
  match_ = match;
}

void Housekeeping::keep_reserve() {
  Administration& administration = parts_.store.administration();
  const auto before = administration.reserve();
  if (before == DiskReserve::State::given_up && reserve_ == DiskReserve::State::kept) {
    parts_.log.error("the disk of the database is full: its reserve has been given up");
  }
  const auto kept = administration.keep_reserve();
  if (!kept) throw std::runtime_error(kept.error().message);
  const auto after = administration.reserve();
  if (after == DiskReserve::State::kept && reserve_ == DiskReserve::State::given_up) {
    parts_.log.info("the disk of the database has room again");
  }
  reserve_ = after;
}

void Housekeeping::begin_generation() {
  parts_.clock.remember();
  if (const auto begun = parts_.pairing.advance(); !begun) {
    throw std::runtime_error(begun.error().message);
  }
}

void Housekeeping::do_own_duties() {
  look_at_workers();
  attempt(Duty::disk_reserve, "disk space kept for the database", [this] {
    keep_reserve();
    return 0;
  });
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
  if (!may_delete() || !is_due(next_staging_, options_.clean_every)) return;
  attempt(Duty::staged_uploads, "staged uploads discarded", [this] {
    const auto swept = sweep_staging(parts_.store, parts_.staging, parts_.clock.trusted_now());
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
  if (is_due(next_generation_, options_.generation_every)) {
    duty(Duty::generation, "generation begun", [this] {
      begin_generation();
      return 0;
    });
  }
  if (may_delete() && is_due(next_clean_, options_.clean_every)) {
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
  compare_with_blobs(stop);
  while (!stop.stop_requested()) {
    if (!leader_.leads() || !may_delete()) {
      pause_for(options_.every, stop);
      continue;
    }
    attempt(Duty::orphans, "orphans removed", [&] {
      sweep_orphans_once(stop);
      return 0;
    });
    pause_for(options_.orphans_every, stop);
  }
}

void Housekeeping::compare_with_blobs(const std::stop_token& stop) {
  while (!stop.stop_requested() && parts_.pairing.match() == Match::unknown) {
    attempt(Duty::comparison, "database compared with the blobs", [this] {
      const auto match = parts_.pairing.begin();
      if (!match) throw std::runtime_error(match.error().message);
      return 0;
    });
    if (parts_.pairing.match() == Match::unknown) pause_for(options_.hints_every, stop);
  }
}

void Housekeeping::sweep_orphans_once(const std::stop_token& stop) {
  const Time now = parts_.clock.trusted_now();
  const auto may_go_on = [&] { return !stop.stop_requested() && leader_.leads() && may_delete(); };
  const auto emptied = empty_trash(parts_.blobs, now - options_.trash_age, may_go_on);
  if (!emptied) throw std::runtime_error(emptied.error().message);
  const auto swept =
      sweep_orphans(parts_.store, parts_.blobs, now - options_.orphan_age, may_go_on);
  if (!swept) throw std::runtime_error(swept.error().message);
  if (*swept > 0) {
    parts_.log.info("files that belong to no job are in the trash", {{"files", *swept}});
  }
  if (*emptied > 0) parts_.log.info("files removed from the trash", {{"files", *emptied}});
}

}  // namespace steno
