#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "pipeline/asr/asr.h"

namespace steno::asr {

/// A part of a window in one language.
struct LanguagePart {
  size_t begin = 0;  ///< samples
  size_t end = 0;
  std::string language;    ///< language code
  double probability = 0;  ///< mean over the part
};

/// Finds the parts of a window by their languages; one part if it has one language. The language
/// changes only at `cuts`, the samples at pauses. Without cuts, the quietest places count.
///
/// Problem: of a window with two languages, the model detects one, and translates the other.
/// Idea: detect the language of each stretch of 2 s or more between pauses. A stretch that differs
/// must be so much more probable in another language that it outweighs two changes (Viterbi's
/// algorithm), because short speech is often taken for a related language.
std::vector<LanguagePart> spoken_languages(SpeechModel& model, std::span<const float> samples,
                                           std::span<const size_t> cuts);

}  // namespace steno::asr
