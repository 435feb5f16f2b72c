#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "jobs/lease_watch.h"
#include "jobs/lifecycle.h"

namespace steno {

class Log;

struct HousekeepingOptions {
  std::filesystem::path workers;  ///< the folder of their ProofOfLife
  Milliseconds lease{15'000};     ///< without a sign of life, a job is taken from its worker
  Milliseconds every{1000};
  Milliseconds clean_every{60'000};
  Milliseconds hints_every{10'000};  ///< repeats the hints of jobs that have waited so long
};

/// Sees to jobs nobody calls for, on a thread of its own: those of dead workers, those whose lease
/// has lapsed, those that waited too long, those that retention no longer keeps, what is left of
/// purged ones. By the steady clock, but for retention. Several may be at work on one database.
///
/// A worker that was there before is taken to have gone down with the last service: no attempt of
/// its jobs counts, so that the service can be killed as often as somebody likes.
class Housekeeping {
 public:
  /// Both outlive it.
  Housekeeping(Lifecycle& lifecycle, Log& log, HousekeepingOptions options);
  /// Ends within a round.
  ~Housekeeping() = default;

 private:
  void run(const std::stop_token& stop);
  void see_to_dead_workers();
  int reap();
  template <class Task>
  void attempt(const char* what, const Task& task);

  Lifecycle& lifecycle_;
  Log& log_;
  const HousekeepingOptions options_;
  const std::vector<std::string> workers_before_;
  LeaseWatch watch_;
  std::jthread thread_;
};

}  // namespace steno
