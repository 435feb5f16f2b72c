#pragma once

#include <stop_token>

#include "app/environment.h"
#include "app/transcribe/run_files.h"
#include "app/transcribe/transcribe_settings.h"

namespace steno::app {

/// As transcribe(), by a service: each input becomes a job there, whose transcript is written as if
/// it had been made here. Jobs that run when `stop` is requested are cancelled.
Outcome transcribe_remotely(const TranscribeSettings& settings,
                            const ServiceEnvironment& environment, const std::stop_source& stop);

}  // namespace steno::app
