#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/problem.h"

namespace steno::http {

/// The position of a header's end in bytes that arrive in pieces.
struct HeaderEnd {
  enum class State { incomplete, complete, malformed };
  State state = State::incomplete;
  std::size_t size = 0;  ///< includes the empty line; valid if complete
};

/// Searches for the empty line. A line whose LF has no CR before it is malformed.
HeaderEnd find_header_end(std::string_view bytes);

/// Returns the error in a request's raw header (including the empty line), or none if it is valid.
/// Stricter than Beast, which parses the header afterwards. Refuses everything that another server
/// could interpret differently (request smuggling). The status is 400, or 505 for a version other
/// than HTTP/1.0 and 1.1.
std::optional<Problem> check_raw_header(std::string_view header);

}  // namespace steno::http
