#include "pipeline/diarize/sights.h"

#include <algorithm>

namespace steno::diarize {
namespace {

/// `begin`, `end`: frames of the window.
Sight look(const Window& window, size_t crop, int64_t begin, int64_t end) {
  std::array<int64_t, Window::kSpeakers> sums{};
  for (int64_t i = begin; i < end; ++i) {
    const auto& active = window.frames[static_cast<size_t>(i)].active;
    for (size_t k = 0; k < sums.size(); ++k) sums[k] += active[k];
  }
  Sight sight{crop, {}};
  const float whole = Window::kCertain * static_cast<float>(end - begin);
  for (size_t k = 0; k < sums.size(); ++k) sight.active[k] = static_cast<float>(sums[k]) / whole;
  return sight;
}

}  // namespace

std::vector<std::vector<Sight>> sights_of(const Voices& voices) {
  std::vector<std::vector<Sight>> sights(voices.windows.size());
  const auto& crops = voices.crops;
  int64_t longest = 0;
  for (const Crop& crop : crops) longest = std::max(longest, crop.end - crop.begin);
  for (size_t number = 0; number < sights.size(); ++number) {
    const int64_t start = static_cast<int64_t>(number) * kWindowHop;
    const auto first = std::ranges::lower_bound(crops, start - longest, {}, &Crop::begin);
    for (auto crop = first; crop != crops.end() && crop->begin < start + Networks::kFrames;
         ++crop) {
      const int64_t begin = std::max<int64_t>(0, crop->begin - start);
      const int64_t end = std::min<int64_t>(Networks::kFrames, crop->end - start);
      if (2 * (end - begin) < crop->end - crop->begin) continue;
      sights[number].push_back(
          look(voices.windows[number], static_cast<size_t>(crop - crops.begin()), begin, end));
    }
  }
  return sights;
}

std::vector<float> purities(const std::vector<std::vector<Sight>>& sights, size_t crops) {
  constexpr float kMinSpeechShare = 0.05F;
  std::vector<float> sums(crops);
  std::vector<int> windows(crops);
  for (const auto& seen : sights) {
    for (const Sight& sight : seen) {
      const float total = sight.total();
      if (total <= kMinSpeechShare) continue;
      sums[sight.crop] += std::ranges::max(sight.active) / total;
      ++windows[sight.crop];
    }
  }
  for (size_t i = 0; i < crops; ++i) sums[i] /= static_cast<float>(std::max(windows[i], 1));
  return sums;
}

}  // namespace steno::diarize
