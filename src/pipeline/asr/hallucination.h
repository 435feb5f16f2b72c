#pragma once

#include <optional>
#include <vector>

#include "transcript/transcript.h"

namespace steno::asr {

/// A window with word times, in the form that hallucination_silence_threshold needs; in seconds.
struct TimedWindow {
  double begin = 0;        ///< start of the window
  double duration = 0;     ///< of its audio
  double longest_end = 0;  ///< begin + the length of a full window
  double last_speech = 0;  ///< end of the speech before the window
  double audio_left = 0;   ///< from the window's begin to the end of all audio, or infinite
};

/// Drops segments that look like hallucinations: their words are very short, very long or
/// improbable, and they stand between silences longer than `threshold`. Follows
/// faster_whisper.transcribe.generate_segments. If anything was dropped, returns where the next
/// window must begin, in seconds; that is the recording's end if too little is left.
std::optional<double> drop_hallucinations(std::vector<Segment>& segments, const TimedWindow& window,
                                          double threshold);

/// Whether the first words of a segment look like a hallucination.
bool looks_hallucinated(const Segment& segment);

}  // namespace steno::asr
