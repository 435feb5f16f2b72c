#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace steno {

/// Something that happened to a job, for those who watch it. `number` counts a job's events from 1
/// without a gap; `position` grows over all jobs.
struct Event {
  std::string job_id;
  int64_t number = 0;
  int64_t position = 0;
  std::string type;  ///< "status", "progress", "segment", "end"
  std::string data;  ///< a JSON object on one line
  Time at;
};

}  // namespace steno
