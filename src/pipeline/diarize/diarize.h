#pragma once

#include <span>
#include <string>
#include <vector>

#include "options/options.h"
#include "pipeline/diarize/voices.h"
#include "transcript/turn.h"

namespace steno::diarize {

/// A voice whose name is known beforehand.
struct KnownVoice {
  std::string name;
  Embedding voice{};  ///< of length 1
};

/// Who spoke when.
struct Speakers {
  std::vector<Turn> turns;         ///< in the order of their start
  std::vector<std::string> names;  ///< names[turn.speaker]
};

/// The speakers of a recording: as many as there are voices that differ, within the options'
/// limits. A known voice gives its name to the speaker who is most like it, if one is; the others
/// are SPEAKER_00, SPEAKER_01… in the order of their first turns. The same for the same voices.
/// Takes about 1 s for an hour.
Speakers find_speakers(const Voices& voices, const SpeakerOptions& options,
                       std::span<const KnownVoice> known = {});

/// The mean of the voices in a recording that is of one person. Fails with invalid_argument where
/// none is heard for 0.4 s.
Result<Embedding> voice_of(const Voices& voices);

}  // namespace steno::diarize
