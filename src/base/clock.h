#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace steno {

/// A moment of wall time, to the millisecond, UTC.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

/// The limit of every wait: a longer one would overflow when it is added to the present.
inline constexpr Milliseconds kLongestWait{std::chrono::hours(24 * 365)};

/// Wall time, for what is stored and shown. Waiting times are measured by
/// std::chrono::steady_clock instead, because wall time may jump. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  /// The time by which kept data expires. Differs from now() only after a jump of the wall clock
  /// that may be an error: then it goes on from before the jump. See store/guarded_clock.h.
  virtual Time trusted_now() const { return now(); }
};

/// This machine's time. See store/store_clock.h for one that machines share.
class SystemClock final : public Clock {
 public:
  Time now() const override;
};

/// "2026-11-25T18:03:07.123Z".
std::string to_iso8601(Time time);
/// Reads RFC 3339: a date and a time with "Z" or an offset; a date alone is its midnight UTC.
Result<Time> parse_iso8601(std::string_view text);

}  // namespace steno
