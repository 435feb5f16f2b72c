#pragma once

#include <span>
#include <vector>

#include "pipeline/diarize/filter_bank.h"
#include "pipeline/diarize/voices.h"

// Private to diarize/.

namespace steno::diarize {

/// Which windows of a recording one is.
struct Place {
  int64_t number = 0;  ///< from 0
  bool is_last = false;
};

/// The stretches of a window, up to 2 s long and at least 0.4 s, in which one of its speakers is
/// heard alone: one for every part, about 2 s, of its core in which that is so. The cores of a
/// recording's windows lie side by side, so that no part is taken twice. Without embeddings; frames
/// are those of the window.
std::vector<Crop> crops_of(const Window& window, Place place);

/// What the crop's voice is like; `samples` are those of its window. Errors as Networks::embed().
Result<Embedding> embedding_of(const Crop& crop, std::span<const float> samples,
                               const FilterBank& bank, const Networks& networks);

}  // namespace steno::diarize
