#pragma once

#include <span>
#include <vector>

#include "pipeline/asr/asr.h"
#include "pipeline/asr/tokenizer.h"
#include "transcript/transcript.h"

namespace steno::asr {

/// The longest part of a window, in seconds, that may have no words if voice activity detection
/// found speech throughout. A longer part was missed by the model: Whisper sometimes ends early, or
/// skips the voice of another speaker.
inline constexpr double kLongestWordless = 2.5;

/// The parts of a window of `seconds` that hold no word and are longer than kLongestWordless, in
/// order. A segment without word times counts as words throughout. Times are seconds from the
/// window's start.
std::vector<Stretch> find_missed(std::span<const Segment> segments, double seconds);

/// Inserts `found`, the segments of `stretch`, among the segments of a window. A segment that
/// continues after the stretch is split there; each part gets its own words and tokens.
void insert_found(std::vector<Segment>& segments, const Stretch& stretch,
                  std::vector<Segment> found, const Tokenizer& tokenizer);

}  // namespace steno::asr
