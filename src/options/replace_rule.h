#pragma once

#include <re2/re2.h>

#include "base/result.h"
#include "options/options.h"

namespace steno {

/// Whether the rule can be used; else invalid_argument, which says whether it is the pattern or the
/// replacement, at which character, and what is wrong: at most 1000 characters each, and a pattern
/// whose program is not too large.
Result<void> check_rule(const ReplaceRule& rule);

/// How the patterns of rules are compiled: quiet, with bounded memory.
RE2::Options rule_regex_options();

}  // namespace steno
