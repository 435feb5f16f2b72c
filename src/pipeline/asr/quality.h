#pragma once

#include <span>
#include <string_view>

#include "options/options.h"
#include "pipeline/asr/engine.h"
#include "pipeline/asr/tokenizer.h"

namespace steno::asr {

/// Bytes of UTF-8 text over bytes of it deflated by zlib, as Whisper measures repetition: plain
/// speech has 1 to 2, a sentence said over and over far more.
double compression_ratio(std::string_view text);

/// More characters than these a second, above a few that are always allowed, nobody speaks.
inline constexpr double kMaxCharactersPerSecond = 25;
inline constexpr int kCharactersAlwaysAllowed = 8;
/// A text whose every attempt failed and which is less likely than this many times the threshold
/// is invented.
inline constexpr double kHopeless = 2;

/// Whether samples hold anything above the last bits of 16-bit audio; text over less is invented.
bool audible(std::span<const float> samples);

/// What speaks against a hypothesis.
struct Verdict {
  double compression_ratio = 0;
  bool repeats = false;    ///< compression ratio, a loop, or more text than the time allows
  bool unlikely = false;   ///< mean log-probability below the threshold
  bool no_speech = false;  ///< silence: the window is to be left out
  bool failed() const { return (repeats || unlikely) && !no_speech; }
};

/// `seconds` of speech are in the window. The thresholds work as in faster_whisper.transcribe: a
/// window is silent when no_speech_prob is above no_speech_threshold, unless the mean
/// log-probability is above log_prob_threshold; and, beyond faster-whisper, whatever the score when
/// the text repeats itself, as text invented on noise does.
Verdict judge(const Hypothesis& hypothesis, double seconds, const Tokenizer& tokenizer,
              const TranscribeOptions& options);

}  // namespace steno::asr
