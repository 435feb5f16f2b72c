#pragma once

#include <string>

#include "transcript/transcript.h"

namespace steno {

/// The whole transcript as one indented object, a line feed after it.
std::string to_json(const Transcript& transcript);

/// One segment as an object on one line, a line feed after it.
std::string to_json_line(const Segment& segment);

}  // namespace steno
