#include "pipeline/diarize/filter_bank.h"

#include <kiss_fftr.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <numeric>

namespace steno::diarize {
namespace {

constexpr int kTransform = 512;
constexpr int kSpectrum = kTransform / 2 + 1;
constexpr double kSampleRate = 16000;
constexpr double kLowestHz = 20;
constexpr float kPreEmphasis = 0.97F;
constexpr float kInt16 = 32768;  // Kaldi's samples are 16-bit numbers

double mel(double hz) { return 1127 * std::log1p(hz / 700); }

/// One triangular filter, symmetric in mel, over the bins of the power spectrum.
struct Filter {
  int first_bin = 0;
  std::vector<float> weights;
};

std::vector<Filter> mel_filters() {
  const double lowest = mel(kLowestHz);
  const double step = (mel(kSampleRate / 2) - lowest) / (FilterBank::kBins + 1);
  std::vector<Filter> filters(FilterBank::kBins);
  for (int i = 0; i < FilterBank::kBins; ++i) {
    const double left = lowest + i * step;
    // Kaldi ignores the highest bin.
    for (int bin = 0; bin < kSpectrum - 1; ++bin) {
      const double at = mel(bin * kSampleRate / kTransform);
      const double weight = std::min(at - left, left + 2 * step - at) / step;
      if (weight <= 0) continue;
      Filter& filter = filters[static_cast<size_t>(i)];
      if (filter.weights.empty()) filter.first_bin = bin;
      filter.weights.push_back(static_cast<float>(weight));
    }
  }
  return filters;
}

std::array<float, FilterBank::kWindow> povey_window() {
  std::array<float, FilterBank::kWindow> window;
  for (size_t i = 0; i < window.size(); ++i) {
    const double phase = 2 * std::numbers::pi * static_cast<double>(i) / (window.size() - 1);
    window[i] = static_cast<float>(std::pow(0.5 - 0.5 * std::cos(phase), 0.85));
  }
  return window;
}

struct FreeKiss {
  void operator()(kiss_fftr_cfg plan) const { kiss_fftr_free(plan); }
};

void subtract_mean_of_bins(std::vector<float>& features) {
  std::array<double, FilterBank::kBins> sums{};
  for (size_t i = 0; i < features.size(); ++i) sums[i % sums.size()] += features[i];
  const double frames = static_cast<double>(features.size()) / FilterBank::kBins;
  for (size_t i = 0; i < features.size(); ++i) {
    features[i] -= static_cast<float>(sums[i % sums.size()] / frames);
  }
}

}  // namespace

struct FilterBank::Tables {
  std::vector<Filter> filters = mel_filters();
  std::array<float, kWindow> window = povey_window();
};

FilterBank::FilterBank() : tables_(std::make_unique<Tables>()) {}
FilterBank::~FilterBank() = default;

int FilterBank::frames(size_t samples) {
  return samples < kWindow ? 0 : static_cast<int>((samples - kWindow) / kHop) + 1;
}

std::vector<float> FilterBank::compute(std::span<const float> samples) const {
  const auto count = static_cast<size_t>(frames(samples.size()));
  std::vector<float> features;
  features.reserve(count * kBins);
  const std::unique_ptr<std::remove_pointer_t<kiss_fftr_cfg>, FreeKiss> plan(
      kiss_fftr_alloc(kTransform, 0, nullptr, nullptr));
  std::array<float, kTransform> frame{};
  std::array<kiss_fft_cpx, kSpectrum> spectrum;
  std::array<float, kSpectrum> power;
  for (size_t number = 0; number < count; ++number) {
    const auto part = samples.subspan(number * kHop, kWindow);
    const float mean = std::accumulate(part.begin(), part.end(), 0.0F) / kWindow;
    for (size_t i = kWindow; i-- > 0;) {
      const float before = part[i > 0 ? i - 1 : 0] - mean;
      frame[i] = kInt16 * (part[i] - mean - kPreEmphasis * before) * tables_->window[i];
    }
    kiss_fftr(plan.get(), frame.data(), spectrum.data());
    for (size_t bin = 0; bin < power.size(); ++bin) {
      power[bin] = spectrum[bin].r * spectrum[bin].r + spectrum[bin].i * spectrum[bin].i;
    }
    for (const Filter& filter : tables_->filters) {
      const float energy = std::inner_product(filter.weights.begin(), filter.weights.end(),
                                              power.begin() + filter.first_bin, 0.0F);
      features.push_back(std::log(std::max(energy, std::numeric_limits<float>::epsilon())));
    }
  }
  subtract_mean_of_bins(features);
  return features;
}

}  // namespace steno::diarize
