#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "telemetry/log.h"

namespace steno {

/// No line is longer, its end included: so much a pipe takes whole, whoever else writes to it.
inline constexpr std::size_t kLongestLogLine = 4096;

/// What a line tells of.
struct LogEvent {
  std::chrono::system_clock::time_point time;
  LogLevel level;
  std::string_view message;
  LogFields fields;
};

/// Whether the terminal that a line is for understands colours.
enum class LogColours { off, on };

/// One JSON object and a line end. Text that is too long ends with "…"; fields that do not fit are
/// left out, and `"cut":true` says so.
std::string json_log_line(const LogEvent& event);

/// Time, level, message and name=value, for a person; ends and is cut the same way.
std::string plain_log_line(const LogEvent& event, LogColours colours);

}  // namespace steno
