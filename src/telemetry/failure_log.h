#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/mutex.h"

namespace steno {

class Log;

/// Work that no request waits for and that is tried again after a failure.
enum class Duty {
  leadership,          ///< renewing the lock of the leader
  dead_workers,        ///< releasing their jobs
  silent_workers,      ///< retrying the jobs whose lease has lapsed
  clock,               ///< releasing jobs after the clock was set back
  queue_timeouts,      ///< failing jobs that waited too long
  hints,               ///< repeating the hints of waiting jobs
  retention,           ///< deleting audio and results at their time
  expired_uploads,     ///< removing uploads that no job has used in time
  purged_content,      ///< overwriting what was purged in the files of the database
  staged_uploads,      ///< discarding parts of uploads
  unfinished_files,    ///< removing what a killed process was writing
  orphans,             ///< removing blobs that no row names
  audio_removal,       ///< of one job, after its end
  result_removal,      ///< of other attempts of a job
  checkpoint_removal,  ///< after the job's end
  unredacted_removal,  ///< of the words of a rerun that redacts, after its end
};

/// "unredacted_removal".
std::string_view to_string(Duty duty);
std::span<const Duty> all_duties();

/// Receives a duty that has failed, and the error.
using OnFailure = std::function<void(Duty duty, std::string_view error)>;

/// Counts the failures of duties and logs them. The first failure of a duty is logged at once. Then
/// it gets at most one line in each interval, with the number of failures since the last line.
/// Thread-safe.
class FailureLog {
 public:
  using Steady = std::chrono::steady_clock;

  struct Options {
    std::chrono::milliseconds every{60'000};  ///< between two lines of one duty
    std::function<Steady::time_point()> now = Steady::now;
  };

  /// `log` outlives it. `count` is called for each failure; none: it is only logged.
  explicit FailureLog(Log& log, std::function<void(Duty)> count = {})
      : FailureLog(log, count, {}) {}
  FailureLog(Log& log, std::function<void(Duty)> count, Options options);

  void add(Duty duty, std::string_view error);

 private:
  struct Unlogged {
    std::uint64_t failures = 0;
    Steady::time_point next{};
  };

  Log& log_;
  const std::function<void(Duty)> count_;
  const Options options_;
  Mutex mutex_;
  std::map<Duty, Unlogged> unlogged_ GUARDED_BY(mutex_);
};

}  // namespace steno
