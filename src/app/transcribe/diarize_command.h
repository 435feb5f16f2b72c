#pragma once

#include <stop_token>

#include "app/environment.h"
#include "app/transcribe/run_files.h"
#include "app/transcribe/transcribe_settings.h"
#include "pipeline/decode/decode.h"

namespace steno::app {

/// Runs `steno diarize`: finds the speakers' turns in each file, without a speech model.
Outcome diarize_files(const TranscribeSettings& settings, const Environment& environment,
                      const decode::Decoders& decoders, const std::stop_source& stop);

}  // namespace steno::app
