#pragma once

#include <optional>
#include <vector>

#include "pipeline/diarize/sights.h"
#include "pipeline/diarize/voices.h"

// Private to diarize/.

namespace steno::diarize {

/// How many speakers there may be.
struct Limits {
  size_t least = 1;            ///< as far as there are voices that differ at all
  std::optional<size_t> most;  ///< at least 1
};

/// Which crops are of one speaker.
struct Clustering {
  /// Their voices, of length 1. There is always one: where no crop is, it is that of nobody, all 0.
  std::vector<Embedding> speakers;
  std::vector<std::optional<size_t>> crops;  ///< the speaker of each; none: not clear enough to say
};

/// Finds the speakers of the crops that are long and pure enough. Crops are alike by the cosine of
/// their voices and by whether windows that see both hear one local speaker in them. Groups are
/// made by average linkage within stretches of the recording, and these joined by their mean
/// voices: time and memory grow with the recording's length, not with its square.
Clustering cluster(const Voices& voices, const std::vector<std::vector<Sight>>& sights,
                   const std::vector<float>& purities, Limits limits);

/// The cosine of two voices of length 1.
float likeness(const Embedding& one, const Embedding& other);

}  // namespace steno::diarize
