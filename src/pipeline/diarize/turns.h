#pragma once

#include <vector>

#include "pipeline/diarize/clustering.h"
#include "pipeline/diarize/observations.h"
#include "pipeline/diarize/voices.h"
#include "transcript/turn.h"

// Private to diarize/.

namespace steno::diarize {

/// The turns of the clustering's speakers, ordered by start; turns.cc begins with the idea.
/// `Turn::speaker` is an index of clustering.speakers. A speaker may have no turn.
std::vector<Turn> turns_of(const Voices& voices,
                           const std::vector<std::vector<Observation>>& observations,
                           const std::vector<float>& purities, const Clustering& clustering);

}  // namespace steno::diarize
