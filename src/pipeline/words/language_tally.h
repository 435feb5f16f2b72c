#pragma once

#include <map>
#include <string>

#include "pipeline/asr/asr.h"

namespace steno {

/// Sums up the languages of a recording's windows, to find the language of the recording.
class LanguageTally {
 public:
  /// Adds an amount of speech, in any unit, and the language that was detected in it.
  void add(const asr::DetectedLanguage& detected, double speech);
  bool empty() const { return languages_.empty(); }
  /// The language with the most speech, and its mean probability. The tally must not be empty.
  asr::DetectedLanguage most() const;

 private:
  struct Language {
    double speech = 0;
    double probable = 0;  // speech times probability
  };
  std::map<std::string, Language> languages_;
};

}  // namespace steno
