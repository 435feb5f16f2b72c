#include "pipeline/asr/pieces.h"

#include <cmath>
#include <cstdlib>
#include <limits>

#include "pipeline/asr/asr.h"

namespace steno::asr {

std::optional<size_t> quietest_cut(std::span<const float> samples) {
  constexpr size_t kStep = kSampleRate / 50;  // 20 ms
  constexpr size_t kStretch = kSampleRate / 5;
  if (samples.size() < static_cast<size_t>(2 * kLeastPieceSeconds * kSampleRate)) return {};
  const auto centre = static_cast<long>(samples.size() / 2);
  std::optional<size_t> cut;
  double quietest = std::numeric_limits<double>::infinity();
  for (size_t at = samples.size() / 4; at + kStretch <= samples.size() * 3 / 4; at += kStep) {
    double energy = 0;
    for (const float sample : samples.subspan(at, kStretch)) energy += double{sample} * sample;
    const size_t middle = at + kStretch / 2;
    const auto distance = [&](size_t x) { return std::labs(static_cast<long>(x) - centre); };
    if (energy < quietest || (energy == quietest && distance(middle) < distance(*cut))) {
      quietest = energy;
      cut = middle;
    }
  }
  return cut;
}

}  // namespace steno::asr
