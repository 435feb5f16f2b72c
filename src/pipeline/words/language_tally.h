#pragma once

#include <map>
#include <string>

#include "pipeline/asr/asr.h"

namespace steno {

/// The languages of a recording's windows, and which of them is the recording's.
class LanguageTally {
 public:
  /// Adds an amount of speech, in any unit, and the language that was detected in it.
  void add(const asr::DetectedLanguage& detected, double speech);
  bool empty() const { return languages_.empty(); }
  /// The language of most speech and its mean probability; there must be one.
  asr::DetectedLanguage most() const;

 private:
  struct Language {
    double speech = 0;
    double probable = 0;  // speech times probability
  };
  std::map<std::string, Language> languages_;
};

}  // namespace steno
