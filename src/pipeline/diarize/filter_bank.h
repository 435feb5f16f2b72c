#pragma once

#include <memory>
#include <span>
#include <vector>

namespace steno::diarize {

/// Kaldi's log mel filter bank, equal to compute-fbank-feats with 80 bins and no dither: 16 kHz,
/// Povey windows of 25 ms every 10 ms, all of them within the samples, mean removed, pre-emphasis
/// 0.97, triangular filters between 20 Hz and 8 kHz, natural logarithm. Thread-safe.
class FilterBank {
 public:
  static constexpr int kBins = 80;
  static constexpr int kHop = 160;     ///< samples between frames
  static constexpr int kWindow = 400;  ///< samples of a frame

  FilterBank();
  ~FilterBank();

  /// `samples` in [-1, 1] -> (frames, kBins), row by row; empty for fewer than kWindow samples. The
  /// mean of each bin over all frames is removed, as the embedding network expects.
  std::vector<float> compute(std::span<const float> samples) const;

  /// The number of frames for that many samples.
  static int frames(size_t samples);

 private:
  struct Tables;
  std::unique_ptr<const Tables> tables_;
};

}  // namespace steno::diarize
