#pragma once

#include <string>
#include <vector>

#include "client/client.h"

namespace steno::app {

/// A line for each job under a heading; empty for no jobs.
std::string jobs_as_text(const std::vector<client::JobInfo>& jobs);
/// An array of the objects that the service gave, one a line.
std::string jobs_as_json(const std::vector<client::JobInfo>& jobs);
/// All that is known of a job, a line for each thing.
std::string job_as_text(const client::JobInfo& job);

}  // namespace steno::app
