#pragma once

#include <vector>

#include "options/options.h"
#include "transcript/transcript.h"

namespace steno::postprocess {

/// The transcript with each rule applied in turn to the text of each channel, in time that grows
/// with the text alone. Words and text stay consistent; words that are put in place of others have
/// their time. Where a pattern finds nothing at all (`x*` between letters), nothing is put. A rule
/// that would make the text many times longer is left out with a warning, as is one that
/// check_rule() refuses.
Transcript replaced(Transcript transcript, const std::vector<ReplaceRule>& rules);

}  // namespace steno::postprocess
