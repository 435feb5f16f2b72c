#pragma once

#include <string_view>

#include "domain/event.h"
#include "domain/job.h"

// What watchers of a job are told. The job is as it is after the change; the store gives the events
// their numbers. Private to jobs/.

namespace steno {

/// The state has changed. With `cause`, because an attempt has failed.
Event status_event(const Job& job, Time now, const Failure* cause = nullptr);
Event progress_event(const Job& job, Time now);
/// `segment`: a JSON object. Throws std::invalid_argument when it is none.
Event segment_event(const Job& job, Time now, std::string_view segment, size_t index);
Event end_event(const Job& job, Time now);

}  // namespace steno
