#pragma once

#include <string>
#include <string_view>

#include "transcript/transcript.h"

namespace steno {

/// The transcript's turns in NIST's RTTM, a line each; `recording` names the recording there. Names
/// have no spaces in this format: each of them and of control characters becomes an underscore.
std::string to_rttm(const Transcript& transcript, std::string_view recording);

}  // namespace steno
