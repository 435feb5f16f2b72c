#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "telemetry/log.h"

namespace steno {

/// The longest line, including its end. A pipe accepts this many bytes atomically.
inline constexpr std::size_t kLongestLogLine = 4096;

/// The content of a line.
struct LogEvent {
  std::chrono::system_clock::time_point time;
  LogLevel level;
  std::string_view message;
  LogFields fields;
};

/// Whether the terminal supports colours.
enum class LogColours { off, on };

/// One JSON object and a line end. Long text ends with "…". Fields that do not fit are omitted and
/// reported by `"cut":true`.
std::string json_log_line(const LogEvent& event);

/// Time, level, message and name=value as plain text. Ends and is cut in the same way.
std::string plain_log_line(const LogEvent& event, LogColours colours);

}  // namespace steno
