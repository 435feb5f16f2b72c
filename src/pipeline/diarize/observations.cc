#include "pipeline/diarize/observations.h"

#include <algorithm>

namespace steno::diarize {
namespace {

/// `begin` and `end` are frames of the window.
Observation observe(const SpeakerWindow& window, size_t excerpt, int64_t begin, int64_t end) {
  std::array<int64_t, SpeakerWindow::kSpeakers> sums{};
  for (int64_t i = begin; i < end; ++i) {
    const auto& active = window.frames[static_cast<size_t>(i)].active;
    for (size_t k = 0; k < sums.size(); ++k) sums[k] += active[k];
  }
  Observation observation{excerpt, {}};
  const float whole = SpeakerWindow::kCertain * static_cast<float>(end - begin);
  for (size_t k = 0; k < sums.size(); ++k) {
    observation.active[k] = static_cast<float>(sums[k]) / whole;
  }
  return observation;
}

}  // namespace

std::vector<std::vector<Observation>> observations_of(const Voices& voices) {
  std::vector<std::vector<Observation>> observations(voices.windows.size());
  const auto& excerpts = voices.excerpts;
  int64_t longest = 0;
  for (const Excerpt& excerpt : excerpts) longest = std::max(longest, excerpt.end - excerpt.begin);
  for (size_t number = 0; number < observations.size(); ++number) {
    const int64_t start = static_cast<int64_t>(number) * kWindowHop;
    const auto first = std::ranges::lower_bound(excerpts, start - longest, {}, &Excerpt::begin);
    for (auto excerpt = first;
         excerpt != excerpts.end() && excerpt->begin < start + Networks::kFrames; ++excerpt) {
      const int64_t begin = std::max<int64_t>(0, excerpt->begin - start);
      const int64_t end = std::min<int64_t>(Networks::kFrames, excerpt->end - start);
      if (2 * (end - begin) < excerpt->end - excerpt->begin) continue;
      observations[number].push_back(observe(
          voices.windows[number], static_cast<size_t>(excerpt - excerpts.begin()), begin, end));
    }
  }
  return observations;
}

std::vector<float> purities(const std::vector<std::vector<Observation>>& observations,
                            size_t excerpts) {
  constexpr float kMinSpeechShare = 0.05F;
  std::vector<float> sums(excerpts);
  std::vector<int> windows(excerpts);
  for (const auto& seen : observations) {
    for (const Observation& observation : seen) {
      const float total = observation.total();
      if (total <= kMinSpeechShare) continue;
      sums[observation.excerpt] += std::ranges::max(observation.active) / total;
      ++windows[observation.excerpt];
    }
  }
  for (size_t i = 0; i < excerpts; ++i) sums[i] /= static_cast<float>(std::max(windows[i], 1));
  return sums;
}

}  // namespace steno::diarize
