#include "worker/housekeeping.h"

#include <algorithm>
#include <utility>

#include "base/pause.h"
#include "telemetry/log.h"
#include "worker/proof_of_life.h"

namespace steno {

using Steady = std::chrono::steady_clock;

Housekeeping::Housekeeping(Lifecycle& lifecycle, Log& log, HousekeepingOptions options)
    : lifecycle_(lifecycle),
      log_(log),
      options_(std::move(options)),
      workers_before_(known_workers(options_.workers)),
      watch_(options_.lease),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

/// One task that fails keeps no other from its turn, nor itself from the next one.
template <class Task>
void Housekeeping::attempt(const char* what, const Task& task) {
  try {
    if (const int jobs = task(); jobs > 0) log_.info(what, {{"jobs", jobs}});
  } catch (const std::exception& error) {
    log_.warning("housekeeping failed", {{"task", what}, {"error", error.what()}});
  }
}

void Housekeeping::see_to_dead_workers() {
  for (const std::string& name : dead_workers(options_.workers)) {
    const bool was_before = std::ranges::find(workers_before_, name) != workers_before_.end();
    attempt("jobs of a dead worker are retried", [&] {
      int jobs = 0;
      bury_worker(options_.workers, name, [&] {
        jobs = lifecycle_.lost_worker(name, was_before ? LossCause::shutdown : LossCause::job);
      });
      return jobs;
    });
  }
}

/// While the database cannot be written, a worker cannot give a sign: that time does not count.
int Housekeeping::reap() {
  lifecycle_.require_writable();
  watch_.look(Steady::now());
  try {
    return lifecycle_.reap([this](const Job& job) { return watch_.has_lapsed(job); });
  } catch (const StoreError&) {
    watch_ = LeaseWatch(options_.lease);
    throw;
  }
}

void Housekeeping::run(const std::stop_token& stop) {
  auto next_clean = Steady::now();
  auto next_hints = Steady::now();
  while (!stop.stop_requested()) {
    see_to_dead_workers();
    attempt("jobs of silent workers are retried", [this] { return reap(); });
    attempt("jobs released after the clock was set back",
            [this] { return lifecycle_.follow_clock(); });
    attempt("jobs waited too long", [this] { return lifecycle_.expire(); });
    if (Steady::now() >= next_clean) {
      attempt("jobs cleaned by retention", [this] { return lifecycle_.clean(); });
      next_clean = Steady::now() + options_.clean_every;
    }
    if (Steady::now() >= next_hints) {
      attempt("hints of waiting jobs repeated", [this] {
        lifecycle_.repeat_hints(options_.hints_every);
        return 0;  // a backlog is nothing to log
      });
      next_hints = Steady::now() + options_.hints_every;
    }
    attempt("purged jobs removed from the database's files", [this] {
      lifecycle_.scrub();
      return 0;
    });
    pause_for(options_.every, stop);
  }
}

}  // namespace steno
