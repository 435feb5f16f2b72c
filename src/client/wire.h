#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "client/client.h"

// Parsers of the service's answers. Each fails with `unavailable` for a text that no service of
// this version sends.

namespace steno::client {

Result<JobInfo> parse_job(std::string_view json);
Result<JobPage> parse_page(std::string_view json);
/// The id of the single job that a submission created.
Result<std::string> parse_submitted(std::string_view json);

Result<JobProgress> parse_progress(std::string_view json);
Result<JobEnd> parse_end(std::string_view json);

struct NumberedSegment {
  std::size_t index = 0;  ///< index among the job's segments
  Segment segment;
};
Result<NumberedSegment> parse_segment_event(std::string_view json);

}  // namespace steno::client
