#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "http/problem.h"

namespace steno::http {

/// Where a header ends that comes in pieces.
struct HeaderEnd {
  enum class State { incomplete, complete, malformed };
  State state = State::incomplete;
  std::size_t size = 0;  ///< with the empty line; if it is complete
};

/// Looks for the empty line. Malformed: a line that ends without CR before its LF.
HeaderEnd find_header_end(std::string_view bytes);

/// What is wrong in a request's header, given as it came, with the empty line; none if it is
/// sound. Stricter than Beast, which reads it afterwards: whatever another server on the way could
/// have understood differently (request smuggling) is refused, not repaired. 400; 505 for another
/// major or minor version than HTTP/1.0 and 1.1.
std::optional<Problem> check_raw_header(std::string_view header);

}  // namespace steno::http
