#pragma once

#include <span>
#include <string_view>

#include "options/options.h"
#include "pipeline/asr/engine.h"
#include "pipeline/asr/tokenizer.h"

namespace steno::asr {

/// Bytes of UTF-8 text divided by its size after zlib's deflate. Whisper measures repetition this
/// way: ordinary speech has 1 to 2, a repeated sentence far more.
double compression_ratio(std::string_view text);

/// The highest plausible rate of characters per second. A few characters are always allowed.
inline constexpr double kMaxCharactersPerSecond = 25;
inline constexpr int kCharactersAlwaysAllowed = 8;
/// A text is a hallucination if all its attempts failed and its log-probability is below the
/// threshold times this factor.
inline constexpr double kHopeless = 2;

/// Whether samples contain more than the last bits of 16-bit audio. Text on quieter audio is a
/// hallucination.
bool audible(std::span<const float> samples);

/// The reasons to reject a hypothesis.
struct Verdict {
  double compression_ratio = 0;
  bool repeats = false;    ///< high compression ratio, a loop, or more text than the time allows
  bool unlikely = false;   ///< mean log-probability below the threshold
  bool no_speech = false;  ///< silence: the window is skipped
  bool failed() const { return (repeats || unlikely) && !no_speech; }
};

/// Judges a hypothesis for a window with `seconds` of speech. The thresholds work as in
/// faster_whisper.transcribe: a window is silent if no_speech_prob is above no_speech_threshold,
/// unless the mean log-probability is above log_prob_threshold. In addition, the log-probability
/// does not count if the text repeats itself, because text hallucinated on noise does.
Verdict judge(const Hypothesis& hypothesis, double seconds, const Tokenizer& tokenizer,
              const TranscribeOptions& options);

}  // namespace steno::asr
