#pragma once

#include <stop_token>

#include "app/environment.h"
#include "app/transcribe/run_files.h"
#include "app/transcribe/transcribe_settings.h"

namespace steno::app {

/// Transcribes the settings' inputs with one model: text to standard output or to files, all else
/// to standard error. Ends within 0.8 s once `stop` is requested.
Outcome transcribe(const TranscribeSettings& settings, const Environment& environment,
                   const std::stop_source& stop);

}  // namespace steno::app
