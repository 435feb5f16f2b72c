#pragma once

#include <string>
#include <vector>

#include "client/client.h"

namespace steno::app {

/// One line per job below a heading. Empty if there are no jobs.
std::string jobs_as_text(const std::vector<client::JobInfo>& jobs);
/// An array of the objects from the service, one per line.
std::string jobs_as_json(const std::vector<client::JobInfo>& jobs);
/// All fields of a job, one per line.
std::string job_as_text(const client::JobInfo& job);

}  // namespace steno::app
