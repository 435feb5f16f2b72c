#pragma once

#include <optional>
#include <vector>

#include "transcript/transcript.h"

namespace steno::asr {

/// A window whose words are timed, as hallucination_silence_threshold sees it; seconds.
struct TimedWindow {
  double begin = 0;        ///< where the window starts
  double duration = 0;     ///< of its audio
  double longest_end = 0;  ///< begin + the length of a whole window
  double last_speech = 0;  ///< end of the speech before it
  double audio_left = 0;   ///< from the window's begin to the end of all audio, or infinite
};

/// Drops segments whose words look invented (very short, very long or improbable) and that stand
/// between silences longer than `threshold`, as faster_whisper.transcribe.generate_segments.
/// Returns where the next window is to begin instead, in seconds, if anything was dropped; the
/// recording's end when too little is left.
std::optional<double> drop_hallucinations(std::vector<Segment>& segments, const TimedWindow& window,
                                          double threshold);

/// Whether a segment's first words look invented.
bool looks_invented(const Segment& segment);

}  // namespace steno::asr
