#include "pipeline/asr/spoken_languages.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "pipeline/asr/pieces.h"
#include "pipeline/asr/search.h"
#include "pipeline/asr/segments.h"

namespace steno::asr {
namespace {

/// Stretches are at least this long, in seconds, because short speech has no certain language.
constexpr double kLeastStretch = 2;
/// Without cuts, stretches longer than this, in seconds, are divided.
constexpr double kLongestStretch = 6;
/// Silence, in frames, after a stretch. Less than for a search, because no text is decoded.
constexpr int kSilenceFrames = 2 * kFramesPerSecond;
/// A change of language costs this much log-probability.
constexpr double kCostOfChange = 2.5;
constexpr double kLeastProbability = 1e-3;

using Probabilities = std::map<int, float>;

double seconds_of(size_t samples) { return static_cast<double>(samples) / kSampleRate; }

/// Appends the quietest places of [begin, end), so that no stretch is longer than kLongestStretch.
void add_quiet_cuts(std::span<const float> samples, size_t begin, size_t end,
                    std::vector<size_t>& cuts) {
  if (seconds_of(end - begin) <= kLongestStretch) return;
  const auto cut = quietest_cut(samples.subspan(begin, end - begin));
  if (!cut) return;
  add_quiet_cuts(samples, begin, begin + *cut, cuts);
  cuts.push_back(begin + *cut);
  add_quiet_cuts(samples, begin + *cut, end, cuts);
}

/// The borders of the stretches, begin and end of the window included.
std::vector<size_t> borders_of(std::span<const float> samples, std::span<const size_t> cuts) {
  std::vector<size_t> quiet;
  if (cuts.empty()) add_quiet_cuts(samples, 0, samples.size(), quiet);
  std::vector<size_t> borders = {0};
  for (const size_t cut : cuts.empty() ? quiet : cuts) {
    if (seconds_of(cut - borders.back()) >= kLeastStretch) borders.push_back(cut);
  }
  while (borders.size() > 1 && seconds_of(samples.size() - borders.back()) < kLeastStretch) {
    borders.pop_back();
  }
  borders.push_back(samples.size());
  return borders;
}

std::vector<Probabilities> detect(SpeechModel& model, std::span<const float> samples,
                                  const std::vector<size_t>& borders) {
  std::vector<Features> features;
  for (size_t i = 0; i + 1 < borders.size(); ++i) {
    const auto stretch =
        model.features().extract(samples.subspan(borders[i], borders[i + 1] - borders[i]));
    const int frames = model.info().equal_lengths
                           ? kMaxFrames
                           : std::min(kMaxFrames, (stretch.frames + kSilenceFrames + 1) / 2 * 2);
    features.push_back(pad_or_trim(stretch, frames));
  }
  return model.engine().detect_language(model.engine().encode(features));
}

double log_of(const Probabilities& probabilities, int language) {
  const auto found = probabilities.find(language);
  return std::log(found == probabilities.end()
                      ? kLeastProbability
                      : std::max<double>(found->second, kLeastProbability));
}

/// The language of each stretch: the likeliest sequence.
std::vector<int> likeliest_sequence(const std::vector<Probabilities>& stretches) {
  std::set<int> candidates;
  for (const auto& stretch : stretches) {
    candidates.insert(std::ranges::max_element(stretch, {}, [](const auto& entry) {
                        return entry.second;
                      })->first);
  }
  const std::vector<int> languages(candidates.begin(), candidates.end());
  std::vector<double> score(languages.size(), 0);
  std::vector<std::vector<size_t>> from;  // by stretch and language: the language before
  for (const auto& stretch : stretches) {
    const auto best =
        static_cast<size_t>(std::max_element(score.begin(), score.end()) - score.begin());
    std::vector<size_t> back(languages.size());
    std::vector<double> next(languages.size());
    for (size_t k = 0; k < languages.size(); ++k) {
      const bool stays = score[k] >= score[best] - kCostOfChange;
      back[k] = stays ? k : best;
      next[k] = (stays ? score[k] : score[best] - kCostOfChange) + log_of(stretch, languages[k]);
    }
    from.push_back(std::move(back));
    score = std::move(next);
  }
  std::vector<int> sequence(stretches.size());
  auto at = static_cast<size_t>(std::max_element(score.begin(), score.end()) - score.begin());
  for (size_t i = stretches.size(); i-- > 0;) {
    sequence[i] = languages[at];
    at = from[i][at];
  }
  return sequence;
}

}  // namespace

std::vector<LanguagePart> spoken_languages(SpeechModel& model, std::span<const float> samples,
                                           std::span<const size_t> cuts) {
  const auto borders = borders_of(samples, cuts);
  const auto stretches = detect(model, samples, borders);
  const auto sequence = likeliest_sequence(stretches);
  std::vector<LanguagePart> parts;
  size_t in_part = 0;
  for (size_t i = 0; i < sequence.size(); ++i) {
    const double probability = std::exp(log_of(stretches[i], sequence[i]));
    if (i == 0 || sequence[i] != sequence[i - 1]) {
      parts.push_back(
          {borders[i], 0, model.tokenizer().language_code(sequence[i]).value_or("en"), 0});
      in_part = 0;
    }
    LanguagePart& part = parts.back();
    part.end = borders[i + 1];
    part.probability += (probability - part.probability) / static_cast<double>(++in_part);
  }
  return parts;
}

}  // namespace steno::asr
