#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace steno::service {

/// Where a list of jobs, newest first, goes on: behind the job that was created then and has that
/// id. It stands for the place, so it stays good when that job is removed.
struct Cursor {
  Time created_at;
  std::string job_id;

  bool operator==(const Cursor&) const = default;
};

/// A text that clients hand back and do not look into.
std::string to_text(const Cursor& cursor);

/// What parse_cursor() takes, as JSON Schema says it.
inline constexpr const char* kCursorPattern = R"(^[0-9]{1,14}\.[a-z0-9_]{1,64}$)";

/// Fails with invalid_argument for what to_text() has not made.
Result<Cursor> parse_cursor(std::string_view text);

}  // namespace steno::service
