#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "domain/stage.h"
#include "options/options.h"
#include "pipeline/decode/decode.h"
#include "pipeline/diarize/analyzer.h"
#include "pipeline/diarize/diarize.h"

namespace steno {

/// Computes the voices of the known speakers from their recordings. Blocks for about 0.2 s each.
/// Fails with invalid_argument and the speaker's name if a recording is not audio, is not 2 to 10 s
/// long, or has no voice in it. Other errors: those of Analyzer; unavailable, if nothing can be
/// decoded now; cancelled, after `stop` was requested.
Result<std::vector<diarize::KnownVoice>> known_voices(
    std::span<const KnownSpeaker> speakers,
    const std::shared_ptr<const diarize::Networks>& networks, const decode::Decoders& decoders,
    const std::stop_token& stop);

}  // namespace steno
