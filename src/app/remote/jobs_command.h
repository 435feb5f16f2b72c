#pragma once

#include <cstdio>
#include <stop_token>

#include "app/environment.h"
#include "app/remote/jobs_settings.h"
#include "app/terminal/standard_output.h"

namespace steno::app {

/// Runs `steno jobs` against a running service. Lists, results and a watched job's segments go to
/// `output`, everything else to `messages`. The exit status is 0; 1 if it failed for some job or
/// the watched job failed; 2 for an invalid address or key; 130 if `stop` was requested. Requests
/// `stop` itself if the reader of `output` has closed it.
int run_jobs_command(const JobsSettings& settings, const ServiceEnvironment& environment,
                     StandardOutput& output, std::FILE* messages, std::stop_source stop);

}  // namespace steno::app
