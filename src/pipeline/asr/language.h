#pragma once

#include <map>

#include "pipeline/asr/asr.h"

namespace steno::asr {

/// The most probable language of an engine's result. English with probability 0 if it is empty.
DetectedLanguage likeliest_language(const std::map<int, float>& probabilities,
                                    const Tokenizer& tokenizer);

}  // namespace steno::asr
