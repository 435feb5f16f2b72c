#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace steno::service {

/// A position in a list of jobs, newest first: after the job with this creation time and id. It
/// stays valid when that job is removed.
struct Cursor {
  Time created_at;
  std::string job_id;

  bool operator==(const Cursor&) const = default;
};

/// An opaque text, which clients send back.
std::string to_text(const Cursor& cursor);

/// The pattern of JSON Schema for parse_cursor().
inline constexpr const char* kCursorPattern = R"(^[0-9]{1,14}\.[a-z0-9_]{1,64}$)";

/// `invalid_argument` for text that to_text() has not made.
Result<Cursor> parse_cursor(std::string_view text);

}  // namespace steno::service
