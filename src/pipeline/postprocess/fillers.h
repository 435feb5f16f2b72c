#pragma once

#include "transcript/transcript.h"

namespace steno::postprocess {

/// The transcript without hesitations ("um", "äh", "euh", "えーと"), by its language: sounds that
/// are no words in it. Languages of which none are known stay as they are: see fillers.cc. The
/// commas around them go too, a point or question mark stays with the word before, and a sentence
/// that began with one begins with a capital.
Transcript without_fillers(Transcript transcript);

}  // namespace steno::postprocess
