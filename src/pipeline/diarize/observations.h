#pragma once

#include <array>
#include <vector>

#include "pipeline/diarize/voices.h"

// Private to diarize/.

namespace steno::diarize {

/// How active each local speaker of a window is during an excerpt. The window contains at least
/// half of the excerpt.
struct Observation {
  size_t excerpt = 0;
  std::array<float, SpeakerWindow::kSpeakers> active{};  ///< mean per local speaker, 0 to 1

  float total() const { return active[0] + active[1] + active[2]; }
};

/// The observations of each window, ordered by the begin of the excerpt.
std::vector<std::vector<Observation>> observations_of(const Voices& voices);

/// The purity of each excerpt: the share of its speech that belongs to one local speaker, as a mean
/// over the windows that observe it. 1: one speaker only; 0: no window finds speech in it.
std::vector<float> purities(const std::vector<std::vector<Observation>>& observations,
                            size_t excerpts);

}  // namespace steno::diarize
