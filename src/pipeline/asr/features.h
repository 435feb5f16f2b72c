#pragma once

#include <memory>
#include <span>

#include "pipeline/asr/engine.h"

namespace steno::asr {

/// Whisper's log-mel spectrogram, within 1e-3 of faster_whisper.feature_extractor. Input is 16 kHz
/// mono. Hann windows of 25 ms every 10 ms; Slaney's mel filters up to 8 kHz. The log10 of the
/// power is limited to 8 decades below the loudest value of the call, then (x + 4) / 4.
/// Thread-safe.
class FeatureExtractor {
 public:
  /// `mels` is 80, or 128 for large-v3 and turbo (`feature_size` of preprocessor_config.json).
  explicit FeatureExtractor(int mels);
  ~FeatureExtractor();
  FeatureExtractor(FeatureExtractor&&) noexcept;
  FeatureExtractor& operator=(FeatureExtractor&&) noexcept;

  /// Computes exactly samples.size() / 160 frames (rounded down), frame i centred on sample 160 i.
  /// Equal to the reference's `extractor(samples, padding=160)[..., :-1]`, as its callers use it.
  ///
  /// - The audio is extended by 10 ms of silence and mirrored by 200 samples at both ends.
  /// - The frame after the last returned one counts for the loudest value.
  /// - A sample that is not a number counts as silence.
  /// - The 30 s padding is not added here: see pad_or_trim.
  Features extract(std::span<const float> samples) const;

  int mels() const;

 private:
  struct Tables;
  std::unique_ptr<const Tables> tables_;
};

/// Returns exactly `frames` frames of each mel band: cut at the end or padded with zeros, as the
/// reference's pad_or_trim does.
Features pad_or_trim(const Features& features, int frames);

}  // namespace steno::asr
