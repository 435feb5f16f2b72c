#pragma once

#include <span>
#include <string>
#include <vector>

#include "options/options.h"
#include "pipeline/diarize/voices.h"
#include "transcript/turn.h"

// Diarization: who spoke when in one recording.
//
//     const auto networks = diarize::Networks::load("models/diarization").value();
//     diarize::Analyzer analyzer(networks, 2);      // 2 threads
//     while (more samples) analyzer.push(samples);  // 16 kHz mono
//     const auto voices = analyzer.finish().value();
//     const auto speakers = diarize::find_speakers(voices, SpeakerOptions());
//     for (const Turn& turn : speakers.turns) print(turn.start, speakers.names[turn.speaker]);

namespace steno::diarize {

/// A voice whose name is known beforehand.
struct KnownVoice {
  std::string name;
  Embedding voice{};  ///< of length 1
};

/// The speakers and their turns.
struct Speakers {
  std::vector<Turn> turns;         ///< ordered by start
  std::vector<std::string> names;  ///< names[turn.speaker]
};

/// Finds the speakers of a recording and their turns. The number of speakers is the number of
/// voices that differ, within the options' limits. A known voice gives its name to the most similar
/// speaker, if one is similar enough. The other speakers are called SPEAKER_00, SPEAKER_01… in the
/// order of their first turns. The same voices always give the same result. Takes about 1 s for an
/// hour of audio.
Speakers find_speakers(const Voices& voices, const SpeakerOptions& options,
                       std::span<const KnownVoice> known = {});

/// The mean voice of a recording of one person. Fails with invalid_argument if no voice is alone
/// for at least 0.4 s.
Result<Embedding> voice_of(const Voices& voices);

}  // namespace steno::diarize
