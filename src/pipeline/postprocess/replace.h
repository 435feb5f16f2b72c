#pragma once

#include <stop_token>
#include <vector>

#include "options/options.h"
#include "transcript/transcript.h"

namespace steno::postprocess {

/// Applies each rule in turn to the text of each channel. Takes time linear in the text. Words and
/// text stay consistent: words that replace others take their time. Empty matches (`x*` between
/// letters) are ignored. A rule with which the text would become many times longer than before the
/// first rule is skipped with a warning, and so is one that check_rule() refuses. Returns early
/// when `stop` is requested; the result is then meaningless.
Transcript replaced(Transcript transcript, const std::vector<ReplaceRule>& rules,
                    const std::stop_token& stop = {});

}  // namespace steno::postprocess
