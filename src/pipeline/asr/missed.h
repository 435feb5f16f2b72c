#pragma once

#include <span>
#include <vector>

#include "pipeline/asr/tokenizer.h"
#include "transcript/transcript.h"

namespace steno::asr {

/// A window may be left with less text than was said: Whisper ends early, or passes over the voice
/// of another speaker. In a window that voice activity found to be speech throughout, so long a
/// stretch without a word was missed.
inline constexpr double kLongestWordless = 2.5;

/// Seconds [begin, end) of a window.
struct Stretch {
  double begin = 0;
  double end = 0;
};

/// The stretches of a window of `seconds` that hold no word of its segments and are longer than
/// kLongestWordless, in order. The segments have word times, in seconds from the window's start.
std::vector<Stretch> find_missed(std::span<const Segment> segments, double seconds);

/// Puts `found`, the segments of `stretch`, in its place among the segments of a window; a segment
/// that goes on after the stretch is split there, each part with its own words and tokens.
void insert_found(std::vector<Segment>& segments, const Stretch& stretch,
                  std::vector<Segment> found, const Tokenizer& tokenizer);

}  // namespace steno::asr
