#pragma once

#include <cstdio>
#include <stop_token>

#include "app/environment.h"
#include "app/remote/jobs_settings.h"
#include "app/terminal/standard_output.h"

namespace steno::app {

/// Asks a running service. Lists, results and what a watched job hears go to `output`, all else to
/// `messages`. The exit status: 0; 1 where it failed for some job, or the watched job did; 2 for an
/// address or key that cannot be right; 130 when `stop` was requested. Requests `stop` itself when
/// nobody reads `output` any more.
int run_jobs_command(const JobsSettings& settings, const ServiceEnvironment& environment,
                     StandardOutput& output, std::FILE* messages, std::stop_source stop);

}  // namespace steno::app
