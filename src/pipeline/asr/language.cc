#include "pipeline/asr/language.h"

#include <algorithm>
#include <map>

#include "pipeline/asr/asr.h"
#include "pipeline/asr/search.h"

namespace steno::asr {

DetectedLanguage likeliest_language(const std::map<int, float>& probabilities,
                                    const Tokenizer& tokenizer) {
  const auto best =
      std::max_element(probabilities.begin(), probabilities.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (best == probabilities.end()) return {"en", 0};
  return {tokenizer.language_code(best->first).value_or("en"), best->second};
}

DetectedLanguage detect_language(SpeechModel& model, std::span<const std::vector<float>> stretches,
                                 const TranscribeOptions& options, const std::stop_token& stop) {
  if (!model.info().multilingual) return {"en", 1};
  const auto limit = static_cast<size_t>(std::max(1, options.language_detection_segments));
  const auto& threshold = options.language_detection_threshold;
  std::map<int, float> sum;
  size_t seen = 0;
  for (const auto& stretch : stretches.first(std::min(limit, stretches.size()))) {
    if (stop.stop_requested()) break;
    SearchWindow window = make_window(model, stretch);
    SearchWindow* const windows[] = {&window};
    encode_windows(model, windows, Padding::usual);
    const auto probabilities = model.engine().detect_language({&window.encoded, 1})[0];
    auto best = likeliest_language(probabilities, model.tokenizer());
    if (threshold && best.probability > *threshold) return best;
    for (const auto& [token, probability] : probabilities) sum[token] += probability;
    ++seen;
  }
  auto mean = likeliest_language(sum, model.tokenizer());
  if (seen > 0) mean.probability /= static_cast<double>(seen);
  return mean;
}

}  // namespace steno::asr
