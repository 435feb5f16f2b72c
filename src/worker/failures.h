#pragma once

#include <string_view>

#include "base/result.h"
#include "jobs/lifecycle.h"

// What an error of a stage means for its job. Private to worker/.

namespace steno {

/// The stable code of a job's failure.
std::string_view code_of(Errc code);
/// Whether it may pass by itself.
Retry retry_of(Errc code);

}  // namespace steno
