#pragma once

#include <string_view>

#include "base/result.h"
#include "jobs/lifecycle.h"

// The meaning of an error for its job. Private to worker/.

namespace steno {

class Log;

/// The stable code of a job's failure.
std::string_view code_of(Errc code);
/// Whether the job is retried after such an error.
Retry retry_of(Errc code);
/// The error that a client sees when the blob store failed with `error`: no_space or io. The cause
/// names files of this machine and goes to the log only.
Error storage_error(const Error& error, std::string_view job_id, Log& log);

}  // namespace steno
