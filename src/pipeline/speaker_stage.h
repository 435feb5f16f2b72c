#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>

#include "base/result.h"
#include "pipeline/diarize/analyzer.h"
#include "pipeline/diarize/diarize.h"
#include "pipeline/pipeline.h"

namespace steno {

/// The audio, of one channel, as it is; `analyzer`, which outlives it, hears all that is read.
AudioInput tapped(AudioInput audio, diarize::Analyzer& analyzer);

/// What there is to know of the voices of a recording, of one channel, without its words. Blocks;
/// calls `progress` from this thread. Errors: those of decode::Decoder and of Analyzer::finish().
Result<diarize::Voices> find_voices(const AudioInput& audio, diarize::Analyzer& analyzer,
                                    const std::function<void(const Progress&)>& progress);

/// The transcript with the speakers that these voices are, as postprocess::with_speakers() gives
/// them to its words; who is like one of `known` has that name.
Transcript diarized(Transcript transcript, const diarize::Voices& voices,
                    const SpeakerOptions& options, std::span<const diarize::KnownVoice> known);

/// What else is going on while a recording is analysed.
enum class Beside { nothing, recognition };

/// Threads for an Analyzer: as many as this process has cores, 16 at most; beside the hearing of
/// words half of that.
int analyzer_threads(Beside beside);

}  // namespace steno
