#pragma once

#include <map>
#include <string>

#include "pipeline/asr/asr.h"

namespace steno {

/// The languages of a recording's windows, and which of them is the recording's.
class LanguageTally {
 public:
  /// So much speech, in any unit, was heard to be in a language.
  void add(const asr::DetectedLanguage& heard, double speech);
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
