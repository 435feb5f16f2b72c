#pragma once

#include <map>

#include "pipeline/asr/asr.h"

namespace steno::asr {

/// The best of an engine's language probabilities; English with 0 when there are none.
DetectedLanguage likeliest_language(const std::map<int, float>& probabilities,
                                    const Tokenizer& tokenizer);

}  // namespace steno::asr
