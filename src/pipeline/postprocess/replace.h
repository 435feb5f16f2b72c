#pragma once

#include <vector>

#include "base/result.h"
#include "pipeline/options.h"
#include "transcript/transcript.h"

namespace steno::postprocess {

/// Whether the rule can be used; else invalid_argument, which says whether it is the pattern or the
/// replacement, at which character, and what is wrong: at most 1000 characters each, and a pattern
/// whose program is not too large.
Result<void> check_rule(const ReplaceRule& rule);

/// The transcript with each rule applied in turn to the text of each channel, in time that grows
/// with the text alone. Words and text stay consistent; words that are put in place of others have
/// their time. Where a pattern finds nothing at all (`x*` between letters), nothing is put. A rule
/// that would make the text many times longer is left out with a warning, as is one that
/// check_rule() refuses.
Transcript replaced(Transcript transcript, const std::vector<ReplaceRule>& rules);

}  // namespace steno::postprocess
