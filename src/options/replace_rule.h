#pragma once

#include <re2/re2.h>

#include "base/result.h"
#include "options/options.h"

namespace steno {

/// Checks a rule. Fails with invalid_argument, which names the pattern or the replacement, the
/// position and the problem. Both may have 1000 characters, and the compiled pattern has a size
/// limit.
Result<void> check_rule(const ReplaceRule& rule);

/// Options for compiling the patterns of rules: no log output, bounded memory.
RE2::Options rule_regex_options();

}  // namespace steno
