#pragma once

#include "transcript/transcript.h"

namespace steno::postprocess {

/// Removes hesitations ("um", "äh", "euh", "えーと") by the transcript's language. Only sounds that
/// are not words of the language are removed. Languages without a list are left unchanged: see
/// fillers.cc. The commas around a hesitation are removed too. A full stop or question mark stays
/// with the previous word. A sentence that began with a hesitation begins with a capital
/// afterwards.
Transcript without_fillers(Transcript transcript);

}  // namespace steno::postprocess
