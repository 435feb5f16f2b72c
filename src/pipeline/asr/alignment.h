#pragma once

#include <span>
#include <string_view>

#include "pipeline/asr/asr.h"

namespace steno::asr {

/// A decoded window whose words need times. Times are relative as those of its segments.
struct AlignWindow {
  EncodedPtr encoded;
  int frames = 0;  ///< feature frames that hold audio
  std::span<Segment> segments;
  double begin = 0;
  double end = 0;
  double last_speech = 0;  ///< end of the last speech before the window
};

/// Fills the words of the windows' segments from the model's cross-attention (see add_word_times).
/// All windows must be in one language.
void align_segments(SpeechModel& model, std::span<AlignWindow> windows, std::string_view language,
                    const TranscribeOptions& options);

}  // namespace steno::asr
