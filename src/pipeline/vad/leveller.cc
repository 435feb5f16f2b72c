#include "pipeline/vad/leveller.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "pipeline/vad/vad.h"

namespace steno::vad {
namespace {

/// A mean above this is an offset. The mean of 2 s of speech is far smaller.
constexpr double kOffset = 0.005;
/// So is one above this part of the deviation, in quiet recordings.
constexpr double kRelativeOffset = 0.5;
constexpr double kLeastOffset = 2.0 / 32768;
/// The pole of a high-pass filter at 20 Hz.
constexpr float kPole = 0.99215F;

/// The part of a block that is at least as loud as its level, and that is not louder than its
/// floor.
constexpr double kLoudPart = 0.1;
/// A block whose level is not this many dB above its floor is steady noise, which stays as it is.
constexpr double kLeastRange = 10;
/// Blocks below this level, in dBFS, are amplified to kTarget, but at most by kMostGain dB. The
/// network finds speech down to about -60.
constexpr double kQuiet = -50;
constexpr double kTarget = -25;
constexpr double kMostGain = 40;
/// The level falls by this many dB per second, so that a pause in ordinary speech is not amplified
/// in its first twenty seconds.
constexpr double kFall = 1;
constexpr size_t kFade = kSampleRate / 4;

double mean_of(std::span<const float> block) {
  double sum = 0;
  for (const float sample : block) sum += sample;
  return sum / static_cast<double>(block.size());
}

double power_of(std::span<const float> block) {
  double sum = 0;
  for (const float sample : block) sum += double{sample} * sample;
  return sum / static_cast<double>(block.size());
}

struct Levels {
  double loud = 0;   ///< in dBFS, that the loudest tenth of a block's chunks reach
  double floor = 0;  ///< that the softest tenth does not exceed
};

Levels levels_of(std::span<const float> block) {
  std::vector<double> powers;
  for (size_t at = 0; at < block.size(); at += Vad::kChunk) {
    powers.push_back(power_of(block.subspan(at, std::min<size_t>(Vad::kChunk, block.size() - at))));
  }
  std::ranges::sort(powers);
  const auto part = static_cast<size_t>(static_cast<double>(powers.size()) * kLoudPart);
  const auto decibels = [](double power) { return 10 * std::log10(std::max(power, 1e-20)); };
  return {decibels(powers[powers.size() - 1 - part]), decibels(powers[part])};
}

}  // namespace

void Leveller::process(std::span<float> block) {
  if (block.empty()) return;
  remove_offset(block);
  amplify(block);
}

void Leveller::remove_offset(std::span<float> block) {
  if (!has_offset_) {
    const double mean = std::abs(mean_of(block));
    const double deviation = std::sqrt(std::max(0.0, power_of(block) - mean * mean));
    has_offset_ = mean > kOffset || (mean > kLeastOffset && mean > kRelativeOffset * deviation);
    if (!has_offset_) return;
    // The filter begins in the state that it would have after an endless offset.
    last_input_ = block.front();
  }
  for (float& sample : block) {
    const float output = sample - last_input_ + kPole * last_output_;
    last_input_ = sample;
    sample = last_output_ = output;
  }
}

void Leveller::amplify(std::span<float> block) {
  const double fallen = level_ - kFall * static_cast<double>(block.size()) / kSampleRate;
  const Levels levels = levels_of(block);
  level_ = std::max(levels.loud, fallen);
  const bool is_steady = levels.loud - levels.floor < kLeastRange;
  const double decibels = level_ < kQuiet && !is_steady ? std::min(kTarget - level_, kMostGain) : 0;
  const auto gain = static_cast<float>(std::pow(10, decibels / 20));
  const float before = std::min(gain_, gain);  // a louder block needs its gain at once
  gain_ = gain;
  if (gain == 1) return;
  for (size_t i = 0; i < block.size(); ++i) {
    const float part = std::min(1.0F, static_cast<float>(i) / kFade);
    block[i] *= before + (gain - before) * part;
  }
}

}  // namespace steno::vad
