#pragma once

#include <string>
#include <string_view>

#include "transcript/transcript.h"

namespace steno {

/// The transcript's turns in NIST's RTTM, one per line. `recording` is the recording's name there.
/// Names must not contain spaces in this format: spaces and control characters become underscores.
std::string to_rttm(const Transcript& transcript, std::string_view recording);

}  // namespace steno
