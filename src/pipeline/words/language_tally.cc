#include "pipeline/words/language_tally.h"

#include <algorithm>

namespace steno {

void LanguageTally::add(const asr::DetectedLanguage& detected, double speech) {
  if (speech <= 0) return;
  Language& language = languages_[detected.language];
  language.speech += speech;
  language.probable += speech * detected.probability;
}

asr::DetectedLanguage LanguageTally::most() const {
  const auto most = std::max_element(languages_.begin(), languages_.end(), [](auto& a, auto& b) {
    return a.second.speech < b.second.speech;
  });
  return {most->first, most->second.probable / most->second.speech};
}

}  // namespace steno
