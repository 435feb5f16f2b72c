#include "pipeline/asr/features.h"

#include <kiss_fftr.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "pipeline/asr/asr.h"

namespace steno::asr {
namespace {

constexpr int kWindow = 400;  // samples per window, and the length of the transform
constexpr int kHop = 160;     // samples between windows
constexpr int kBins = kWindow / 2 + 1;
constexpr float kLowestPower = 1e-10F;
constexpr float kDecades = 8.0F;
// beyond the range of every format; its power is still finite
constexpr float kLoudestSample = 65536;

/// Slaney's mel scale: linear up to 1000 Hz (mel 15), logarithmic above.
double mel_to_hz(double mel) {
  constexpr double kHzPerMel = 200.0 / 3;
  constexpr double kFirstLogMel = 1000.0 / kHzPerMel;
  if (mel < kFirstLogMel) return kHzPerMel * mel;
  return 1000.0 * std::exp(std::log(6.4) / 27.0 * (mel - kFirstLogMel));
}

/// One triangular filter over the power spectrum, without its leading and trailing zeros.
struct Filter {
  int first_bin = 0;
  std::vector<float> weights;
};

/// Triangular filters of equal area between points evenly spaced on the mel scale, up to 8 kHz.
std::vector<Filter> mel_filters(int mels) {
  constexpr double kHighestMel = 45.245640471924965;
  std::vector<double> hz(static_cast<std::size_t>(mels) + 2);
  for (std::size_t i = 0; i < hz.size(); ++i) {
    hz[i] = mel_to_hz(kHighestMel * static_cast<double>(i) / (mels + 1));
  }
  std::vector<Filter> filters(static_cast<std::size_t>(mels));
  for (std::size_t m = 0; m < filters.size(); ++m) {
    for (int bin = 0; bin < kBins; ++bin) {
      const double frequency = 1.0 * bin * kSampleRate / kWindow;
      const double rising = (frequency - hz[m]) / (hz[m + 1] - hz[m]);
      const double falling = (hz[m + 2] - frequency) / (hz[m + 2] - hz[m + 1]);
      const double weight = std::min(rising, falling) * 2.0 / (hz[m + 2] - hz[m]);
      if (weight <= 0) continue;
      if (filters[m].weights.empty()) filters[m].first_bin = bin;
      filters[m].weights.push_back(static_cast<float>(weight));
    }
  }
  return filters;
}

/// The audio followed by 10 ms of silence, with both ends mirrored by half a window. The edge
/// sample is not repeated. Short audio is mirrored several times.
std::vector<float> padded(std::span<const float> samples) {
  constexpr int kHalf = kWindow / 2;
  const auto length = static_cast<std::ptrdiff_t>(samples.size()) + kHop;
  const auto period = 2 * (length - 1);
  std::vector<float> all(static_cast<std::size_t>(length) + kWindow);
  std::ranges::transform(samples, all.begin() + kHalf, [](float sample) {
    return std::isfinite(sample) ? std::clamp(sample, -kLoudestSample, kLoudestSample) : 0.0F;
  });
  const auto mirror = [&](std::ptrdiff_t position) {
    const auto phase = (position % period + period) % period;
    const auto source = std::min(phase, period - phase);
    all[static_cast<std::size_t>(position + kHalf)] = all[static_cast<std::size_t>(source + kHalf)];
  };
  for (std::ptrdiff_t i = 0; i < kHalf; ++i) {
    mirror(-1 - i);
    mirror(length + i);
  }
  return all;
}

struct FreeKiss {
  void operator()(kiss_fftr_cfg plan) const { kiss_fftr_free(plan); }
};

}  // namespace

struct FeatureExtractor::Tables {
  std::vector<Filter> filters;
  std::array<float, kWindow> window;
};

FeatureExtractor::FeatureExtractor(int mels) {
  auto tables = std::make_unique<Tables>();
  tables->filters = mel_filters(mels);
  for (int i = 0; i < kWindow; ++i) {
    tables->window[static_cast<std::size_t>(i)] =
        static_cast<float>(0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / kWindow));
  }
  tables_ = std::move(tables);
}
FeatureExtractor::~FeatureExtractor() = default;
FeatureExtractor::FeatureExtractor(FeatureExtractor&&) noexcept = default;
FeatureExtractor& FeatureExtractor::operator=(FeatureExtractor&&) noexcept = default;

int FeatureExtractor::mels() const { return static_cast<int>(tables_->filters.size()); }

Features FeatureExtractor::extract(std::span<const float> samples) const {
  const auto audio = padded(samples);
  const std::size_t frames = samples.size() / kHop;
  const std::size_t mels = tables_->filters.size();
  Features features{static_cast<int>(mels), static_cast<int>(frames),
                    std::vector<float>(mels * frames)};
  const std::unique_ptr<std::remove_pointer_t<kiss_fftr_cfg>, FreeKiss> plan(
      kiss_fftr_alloc(kWindow, 0, nullptr, nullptr));
  std::array<float, kWindow> windowed;
  std::array<kiss_fft_cpx, kBins> spectrum;
  std::array<float, kBins> power;
  float loudest = kLowestPower;
  for (std::size_t frame = 0; frame <= frames; ++frame) {
    const float* from = audio.data() + frame * kHop;
    for (std::size_t i = 0; i < kWindow; ++i) windowed[i] = from[i] * tables_->window[i];
    kiss_fftr(plan.get(), windowed.data(), spectrum.data());
    for (std::size_t i = 0; i < kBins; ++i) {
      power[i] = spectrum[i].r * spectrum[i].r + spectrum[i].i * spectrum[i].i;
    }
    for (std::size_t m = 0; m < mels; ++m) {
      const Filter& filter = tables_->filters[m];
      const float* bins = power.data() + filter.first_bin;
      float sum = 0;
      for (std::size_t i = 0; i < filter.weights.size(); ++i) sum += filter.weights[i] * bins[i];
      loudest = std::max(loudest, sum);
      if (frame < frames) features.values[m * frames + frame] = sum;
    }
  }
  const float floor = std::log10(loudest) - kDecades;
  for (float& value : features.values) {
    value = (std::max(std::log10(std::max(value, kLowestPower)), floor) + 4.0F) / 4.0F;
  }
  return features;
}

Features pad_or_trim(const Features& features, int frames) {
  Features padded{features.mels, frames, {}};
  padded.values.resize(static_cast<std::size_t>(features.mels) * static_cast<std::size_t>(frames));
  const auto kept = std::min(features.frames, frames);
  for (int m = 0; m < features.mels; ++m) {
    std::copy_n(features.values.begin() + static_cast<std::ptrdiff_t>(m) * features.frames, kept,
                padded.values.begin() + static_cast<std::ptrdiff_t>(m) * frames);
  }
  return padded;
}

}  // namespace steno::asr
