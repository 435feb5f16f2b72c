#pragma once

#include <chrono>
#include <stop_token>

namespace steno {

/// Waits for `duration`, or until `stop` is requested.
void pause_for(std::chrono::milliseconds duration, const std::stop_token& stop);

}  // namespace steno
