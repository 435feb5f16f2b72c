#pragma once

#include <memory>
#include <span>
#include <vector>

namespace steno::diarize {

/// Kaldi's log mel filter bank, as compute-fbank-feats computes it with 80 bins and no dither:
/// 16 kHz, Povey windows of 25 ms every 10 ms that lie wholly within the samples, mean taken out,
/// pre-emphasis 0.97, triangles between 20 Hz and 8 kHz, natural logarithm. Thread-safe.
class FilterBank {
 public:
  static constexpr int kBins = 80;
  static constexpr int kHop = 160;     ///< samples between frames
  static constexpr int kWindow = 400;  ///< samples of a frame

  FilterBank();
  ~FilterBank();

  /// `samples` in [-1, 1] -> (frames, kBins), one frame after the other; empty for less than
  /// kWindow samples. The mean over the frames is taken out of each bin, as the embedding network
  /// expects.
  std::vector<float> compute(std::span<const float> samples) const;

  /// How many frames that many samples have.
  static int frames(size_t samples);

 private:
  struct Tables;
  std::unique_ptr<const Tables> tables_;
};

}  // namespace steno::diarize
