#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "transcript/transcript.h"

namespace steno {

/// The whole transcript as one indented object, a line feed after it.
std::string to_json(const Transcript& transcript);

/// Reads what to_json() has written: the same transcript, its numbers as they were rounded (null as
/// 0). Members that it does not know are left out. Fails with invalid_argument.
Result<Transcript> parse_transcript(std::string_view json);

/// One segment as an object on one line, a line feed after it.
std::string to_json_line(const Segment& segment);

}  // namespace steno
