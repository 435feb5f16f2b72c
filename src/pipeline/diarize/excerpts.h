#pragma once

#include <span>
#include <vector>

#include "pipeline/diarize/filter_bank.h"
#include "pipeline/diarize/voices.h"

// Private to diarize/.

namespace steno::diarize {

/// The position of a window in its recording.
struct WindowPosition {
  int64_t number = 0;  ///< counted from 0
  bool is_last = false;
};

/// The excerpts of a window: 0.4 s to 2 s in which one of its speakers talks alone, one for about
/// every 2 s of such speech in the window's core. The core is the middle of the window; the cores
/// of consecutive windows do not overlap, so no speech is taken twice. The result has no
/// embeddings, and its frames are counted from the start of the window.
std::vector<Excerpt> excerpts_of(const SpeakerWindow& window, WindowPosition position);

/// The embedding of the excerpt's voice; `samples` are those of its window. Errors: those of
/// Networks::embed().
Result<Embedding> embedding_of(const Excerpt& excerpt, std::span<const float> samples,
                               const FilterBank& bank, const Networks& networks);

}  // namespace steno::diarize
