#pragma once

#include <optional>
#include <vector>

#include "pipeline/diarize/observations.h"
#include "pipeline/diarize/voices.h"

// Private to diarize/.

namespace steno::diarize {

/// Limits on the number of speakers.
struct SpeakerLimits {
  size_t least = 1;            ///< fewer are found if the voices do not differ enough
  std::optional<size_t> most;  ///< at least 1; none: no limit
};

/// The speakers of a recording, and the speaker of each excerpt.
struct Clustering {
  /// The mean voice of each speaker, of length 1. Never empty: a recording without excerpts has one
  /// speaker, whose voice is all zeros.
  std::vector<Embedding> speakers;
  /// The speaker of each excerpt; none where it is not clear.
  std::vector<std::optional<size_t>> excerpts;
};

/// Groups the excerpts that are long and pure enough by speaker; clustering.cc begins with the
/// idea. Time and memory grow linearly with the recording's length.
Clustering cluster(const Voices& voices, const std::vector<std::vector<Observation>>& observations,
                   const std::vector<float>& purities, SpeakerLimits limits);

/// The cosine similarity of two voices of length 1.
float cosine_similarity(const Embedding& one, const Embedding& other);

}  // namespace steno::diarize
