#pragma once

#include <vector>

#include "pipeline/diarize/clustering.h"
#include "pipeline/diarize/sights.h"
#include "pipeline/diarize/voices.h"
#include "transcript/turn.h"

// Private to diarize/.

namespace steno::diarize {

/// When each speaker of the clustering talks, in the order of start. The local speakers of every
/// window are told whose they are by the crops around each frame; then windows are averaged, and of
/// a frame in which one or two are heard, the one or two most active talk. `Turn::speaker` is a
/// place in clustering.speakers; not all of them need have turns.
std::vector<Turn> turns_of(const Voices& voices, const std::vector<std::vector<Sight>>& sights,
                           const std::vector<float>& purities, const Clustering& clustering);

}  // namespace steno::diarize
