#pragma once

#include <vector>

#include "options/options.h"
#include "transcript/transcript.h"

namespace steno::postprocess {

/// Applies each rule in turn to the text of each channel. Takes time linear in the text. Words and
/// text stay consistent: words that replace others take their time. Empty matches (`x*` between
/// letters) are ignored. A rule that would make the text many times longer is skipped with a
/// warning, and so is one that check_rule() refuses.
Transcript replaced(Transcript transcript, const std::vector<ReplaceRule>& rules);

}  // namespace steno::postprocess
