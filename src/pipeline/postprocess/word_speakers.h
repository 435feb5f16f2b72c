#pragma once

#include <span>
#include <vector>

#include "pipeline/postprocess/activity.h"
#include "transcript/transcript.h"

// Private to postprocess/.

namespace steno::postprocess {

/// The speaker is unknown.
constexpr int kNobody = -1;

/// The speaker of each word, by the rules of with_speakers(). `words` are from one channel, in
/// order of time.
std::vector<int> speakers_of(std::span<const Word> words, const Activity& activity);

}  // namespace steno::postprocess
