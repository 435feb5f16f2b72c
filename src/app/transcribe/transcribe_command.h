#pragma once

#include <stop_token>

#include "app/environment.h"
#include "app/transcribe/run_files.h"
#include "app/transcribe/transcribe_settings.h"
#include "pipeline/decode/decode.h"

namespace steno::app {

/// Transcribes the inputs with one model. Text goes to standard output or to files, everything else
/// to standard error. Ends within 0.8 s after `stop` is requested.
Outcome transcribe(const TranscribeSettings& settings, const Environment& environment,
                   const decode::Decoders& decoders, const std::stop_source& stop);

}  // namespace steno::app
