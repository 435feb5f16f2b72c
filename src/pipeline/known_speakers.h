#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "options/options.h"
#include "pipeline/diarize/analyzer.h"
#include "pipeline/diarize/diarize.h"

namespace steno {

/// The stage of a job under which their recordings are kept, as the JSON list of the option. The
/// job's own option has only their names.
inline constexpr const char* kKnownSpeakersStage = "known_speakers";

/// What they sound like. Blocks for about 0.2 s each. Errors: invalid_argument with the speaker's
/// name for what is no audio, not 2 to 10 s long, or has no voice in it; those of Analyzer;
/// cancelled, after `stop` was requested.
Result<std::vector<diarize::KnownVoice>> known_voices(
    std::span<const KnownSpeaker> speakers,
    const std::shared_ptr<const diarize::Networks>& networks, const std::stop_token& stop);

}  // namespace steno
