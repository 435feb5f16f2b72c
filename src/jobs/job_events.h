#pragma once

#include <string_view>

#include "domain/event.h"
#include "domain/job.h"

// The events for watchers of a job. The job has its state after the change. The store assigns the
// events' numbers. Private to jobs/.

namespace steno {

/// The state has changed. `cause` is given if an attempt failed.
Event status_event(const Job& job, Time now, const Failure* cause = nullptr);
Event progress_event(const Job& job, Time now);
/// `segment` is a JSON object. Throws std::invalid_argument if it is not.
Event segment_event(const Job& job, Time now, std::string_view segment, size_t index);
Event end_event(const Job& job, Time now);

}  // namespace steno
