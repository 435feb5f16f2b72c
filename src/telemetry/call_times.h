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

/// How long the calls of one operation took.
struct CallTimes {
  std::vector<std::uint64_t> calls;    ///< by call_time_bounds(); the last took longer than all
  std::chrono::nanoseconds in_all{0};  ///< of all calls together

  bool operator==(const CallTimes&) const = default;
};

/// Upper bounds, in seconds.
std::span<const double> call_time_bounds();

/// By operation: what one process tells another of its calls, for that one's Metrics.
using AllCallTimes = std::map<std::string, CallTimes, std::less<>>;

/// A line for each, and what was said in such lines; others are left out, half ones too.
std::string to_lines(const AllCallTimes& times);
AllCallTimes parse_call_times(const std::string& lines);

/// What came between two looks at one process; all of `now` where it has begun anew since.
AllCallTimes since(const AllCallTimes& before, const AllCallTimes& now);

/// Adds up the times of a process. Thread-safe.
class CallTimer {
 public:
  void add(std::string_view operation, double seconds);
  AllCallTimes all() const;

 private:
  mutable Mutex mutex_;
  AllCallTimes times_ GUARDED_BY(mutex_);
};

}  // namespace steno
