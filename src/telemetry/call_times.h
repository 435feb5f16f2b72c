#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"

namespace steno {

/// The durations of the calls of one operation.
struct CallTimes {
  std::vector<std::uint64_t> calls;    ///< by call_time_bounds(); the last one counts longer calls
  std::chrono::nanoseconds in_all{0};  ///< total of all calls

  bool operator==(const CallTimes&) const = default;
};

/// Upper bounds, in seconds.
std::span<const double> call_time_bounds();

/// Calls by operation. One process reports them to another one for its Metrics.
using AllCallTimes = std::map<std::string, CallTimes, std::less<>>;

/// Formats one line per operation, and parses such lines. Other and incomplete lines are skipped.
std::string to_lines(const AllCallTimes& times);
AllCallTimes parse_call_times(const std::string& lines);

/// The calls between two reports of one process. All of `now` if the process has restarted since.
AllCallTimes since(const AllCallTimes& before, const AllCallTimes& now);

/// Sums the call times of a process. Thread-safe.
class CallTimer {
 public:
  void add(std::string_view operation, double seconds);
  AllCallTimes all() const;

 private:
  mutable Mutex mutex_;
  AllCallTimes times_ GUARDED_BY(mutex_);
};

}  // namespace steno
