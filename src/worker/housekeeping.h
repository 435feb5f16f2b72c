#pragma once

#include <chrono>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "jobs/leader.h"
#include "jobs/lease_watch.h"
#include "jobs/lifecycle.h"
#include "jobs/orphans.h"
#include "jobs/pairing.h"
#include "store/guarded_clock.h"
#include "telemetry/failure_log.h"

namespace steno {

class Log;
class WorkerRegistry;
namespace blob {
class UploadStaging;
}

/// The parts that housekeeping works on; all of them outlive the Housekeeping.
struct HousekeepingParts {
  Store& store;
  Lifecycle& lifecycle;
  blob::BlobStore& blobs;
  blob::UploadStaging& staging;
  WorkerRegistry& workers;
  GuardedClock& clock;
  Pairing& pairing;
  Log& log;
  FailureLog& failures;
};

struct HousekeepingOptions {
  Milliseconds lease{15'000};        ///< a worker without a heartbeat for so long loses its jobs
  Milliseconds every{1000};          ///< between two rounds
  Milliseconds hints_every{10'000};  ///< also how long a job waits before its hint is repeated
  Milliseconds clean_every{60'000};
  Milliseconds orphans_every = std::chrono::hours(6);
  Milliseconds orphan_age = kOrphanAge;
  Milliseconds trash_age = std::chrono::hours(7 * 24);  ///< how long swept orphans are kept
  Milliseconds generation_every{60'000};                ///< see Pairing::advance()
  Milliseconds leader_ttl{5000};  ///< another process takes over so long after the leader stopped
};

/// The duties that no request asks for, on threads of their own. A duty that fails is logged and
/// counted by the FailureLog, and tried again in a later round.
///
/// Every process does its own: it releases the jobs of dead workers (the registry lets one process
/// bury each), discards staged uploads of this machine, removes unfinished files and scrubs what it
/// has purged. The leader alone, one process of those that share the store, ends lapsed leases and
/// jobs that waited too long, repeats hints, applies retention and sweeps orphans to the trash.
/// Times are measured by the steady clock, except for retention and the age of orphans, which
/// follow Clock::trusted_now(). While the database does not match the blobs (jobs/pairing.h),
/// nothing is deleted.
///
/// A worker that was registered before the start is assumed to have ended with the last service:
/// its jobs lose no attempt, so that the service can be killed any number of times.
class Housekeeping {
 public:
  Housekeeping(HousekeepingParts parts, HousekeepingOptions options);
  /// Stops within one round.
  ~Housekeeping() = default;

  /// Whether this process is the leader. Thread-safe.
  bool leads() { return leader_.leads(); }

 private:
  void run(const std::stop_token& stop);
  void do_own_duties();
  void do_leaders_duties();
  void look_at_workers();
  void release_jobs_of(const std::string& dead_worker);
  int reap();
  void sweep_blobs(const std::stop_token& stop);
  void compare_with_blobs(const std::stop_token& stop);
  void sweep_orphans_once(const std::stop_token& stop);
  void report_held_deletions();
  void keep_reserve();
  void begin_generation();
  bool may_delete() const { return parts_.pairing.match() == Match::same; }
  template <class Task>
  void attempt(Duty duty, const char* what, const Task& task);

  const HousekeepingParts parts_;
  const HousekeepingOptions options_;
  const std::vector<std::string> workers_before_;
  std::set<std::string> silent_workers_;  ///< in the last round
  Leader leader_;
  bool led_ = false;  ///< in the last round
  LeaseWatch watch_;
  std::chrono::steady_clock::time_point next_hints_{};
  std::chrono::steady_clock::time_point next_clean_{};
  std::chrono::steady_clock::time_point next_unfinished_{};
  std::chrono::steady_clock::time_point next_staging_{};
  std::chrono::steady_clock::time_point next_generation_{};
  DiskReserve::State reserve_ = DiskReserve::State::none;  ///< in the last round
  bool has_jumped_ = false;                                ///< the clock, in the last round
  Match match_ = Match::unknown;                           ///< in the last round
  std::jthread sweeper_;
  std::jthread thread_;
};

}  // namespace steno
