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

/// The audio, of one channel, unchanged; `analyzer`, which outlives it, gets all that is read.
AudioInput tapped(AudioInput audio, diarize::Analyzer& analyzer);

/// Reads the whole recording, of one channel, into the analyzer. Blocks; calls `progress` from this
/// thread. Errors: those of decode::Decoder.
Result<void> read_into(diarize::Analyzer& analyzer, const AudioInput& audio,
                       const std::function<void(const Progress&)>& progress);

/// The transcript with its speakers: finds the speakers of `voices` and gives each word its speaker
/// (postprocess::with_speakers()). A speaker whose voice matches one of `known` gets that name.
Transcript diarized(Transcript transcript, const diarize::Voices& voices,
                    const SpeakerOptions& options, std::span<const diarize::KnownVoice> known);

/// Other work that runs while a recording is analysed.
enum class Beside { nothing, recognition };

/// The number of threads for an Analyzer: one per core, at most 16; half of that during
/// recognition.
int analyzer_threads(Beside beside);

}  // namespace steno
