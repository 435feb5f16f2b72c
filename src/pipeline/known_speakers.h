#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/diarize/analyzer.h"
#include "pipeline/diarize/diarize.h"
#include "pipeline/options.h"

namespace steno {

inline constexpr std::size_t kMostKnownSpeakers = 20;
inline constexpr std::size_t kLongestSpeakerName = 64;                    ///< characters
inline constexpr std::size_t kMostReferenceBytes = std::size_t{1} << 20;  ///< of one file

/// The stage of a job under which their recordings are kept, as the JSON list of the option. The
/// job's own option has only their names.
inline constexpr const char* kKnownSpeakersStage = "known_speakers";

/// Whether the list can be what it says, without hearing it: names that differ, without control
/// characters, none like those that Steno gives; base64 of some bytes, not too many.
/// invalid_argument with the place within the option `name` and what would be right.
Result<void> check_known_speakers(const std::string& name, std::span<const KnownSpeaker> speakers);

/// What they sound like. Blocks for about 0.2 s each. Errors: invalid_argument with the speaker's
/// name for what is no audio, not 2 to 10 s long, or has no voice in it; those of Analyzer;
/// cancelled, after `stop` was requested.
Result<std::vector<diarize::KnownVoice>> known_voices(
    std::span<const KnownSpeaker> speakers,
    const std::shared_ptr<const diarize::Networks>& networks, const std::stop_token& stop);

}  // namespace steno
