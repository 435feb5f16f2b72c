#pragma once

#include <vector>

#include "base/bytes.h"
#include "transcript/transcript.h"

namespace steno::asr {

/// The segments without ids, channels and speakers, which no single window knows; numbers are kept
/// to the last bit.
void write_segments(ByteWriter& out, const std::vector<Segment>& segments);
std::vector<Segment> read_segments(ByteReader& in);

}  // namespace steno::asr
