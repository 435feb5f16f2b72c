#include "pipeline/asr/quality.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "pipeline/asr/loops.h"
#include "pipeline/asr/token_text.h"

namespace steno::asr {

double compression_ratio(std::string_view text) {
  uLongf size = compressBound(text.size());
  std::vector<Bytef> compressed(size);
  compress(compressed.data(), &size, reinterpret_cast<const Bytef*>(text.data()), text.size());
  return static_cast<double>(text.size()) / static_cast<double>(size);
}

bool audible(std::span<const float> samples) {
  constexpr float kLeast = 2.0f / 32768;
  return std::any_of(samples.begin(), samples.end(),
                     [](float sample) { return std::abs(sample) > kLeast; });
}

Verdict judge(const Hypothesis& hypothesis, double seconds, const Tokenizer& tokenizer,
              const TranscribeOptions& options) {
  Verdict verdict;
  const std::string text = tokenizer.decode(hypothesis.tokens);
  verdict.compression_ratio = compression_ratio(strip(text));
  const auto characters = static_cast<double>(count_code_points(strip(text)));
  const bool too_fast = characters > kCharactersAlwaysAllowed + kMaxCharactersPerSecond * seconds;
  const bool too_regular = options.compression_ratio_threshold &&
                           verdict.compression_ratio > *options.compression_ratio_threshold;
  verdict.repeats =
      too_fast || too_regular || find_text_loop(hypothesis.tokens, tokenizer.eot()).has_value();
  verdict.unlikely =
      options.log_prob_threshold && hypothesis.avg_logprob < *options.log_prob_threshold;
  const bool likely =
      options.log_prob_threshold && hypothesis.avg_logprob > *options.log_prob_threshold;
  verdict.no_speech = options.no_speech_threshold &&
                      hypothesis.no_speech_prob > *options.no_speech_threshold &&
                      (!likely || verdict.repeats);
  return verdict;
}

}  // namespace steno::asr
