#pragma once

#include <stop_token>

#include "app/environment.h"
#include "app/transcribe/run_files.h"
#include "app/transcribe/transcribe_settings.h"

namespace steno::app {

/// As transcribe(), by a service. Each input becomes a job there, and its transcript is written as
/// a local one would be. Running jobs are cancelled when `stop` is requested.
CommandResult transcribe_remotely(const TranscribeSettings& settings,
                                  const ServiceEnvironment& environment,
                                  const std::stop_source& stop);

}  // namespace steno::app
