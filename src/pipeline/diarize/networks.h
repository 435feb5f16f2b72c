#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace steno::diarize {

/// What the segmentation network says of one frame: probabilities of nobody, of each of three local
/// speakers alone, and of each two of them at once (0+1, 0+2, 1+2).
using FrameClasses = std::array<float, 7>;

/// A voice as 192 numbers; those of one speaker point in one direction.
using Embedding = std::array<float, 192>;

/// The two networks of diarization, loaded once for the whole process: pyannote segmentation 3.0
/// and the CAM++ speaker embedding. Thread-safe; each call uses the caller's thread alone.
class Networks {
 public:
  static constexpr int kWindow = 160000;  ///< samples that segment() takes: 10 s at 16 kHz
  static constexpr int kFrames = 589;     ///< frames that it gives, every kFrameShift samples
  static constexpr int kFrameShift = 270;
  static constexpr int kMostEmbedded = 200;  ///< frames of the filter bank that embed() takes

  /// Reads `segmentation.onnx` and `embedding.onnx`; fails with Errc::bad_model, naming the file
  /// and the cause.
  static Result<std::shared_ptr<const Networks>> load(const std::string& folder);
  ~Networks();

  /// kWindow samples in [-1, 1] -> kFrames frames. Fails with unavailable when there is no memory.
  Result<std::vector<FrameClasses>> segment(std::span<const float> samples) const;

  /// Frames of FilterBank, at most kMostEmbedded and at least 8, of one voice -> its embedding, of
  /// length 1. Fails with unavailable when there is no memory.
  Result<Embedding> embed(std::span<const float> features) const;

  /// Stands for the files: networks with one digest give the same numbers.
  const std::string& digest() const { return digest_; }

 private:
  struct Sessions;
  Networks(std::unique_ptr<Sessions> sessions, std::string digest);
  std::unique_ptr<Sessions> sessions_;
  const std::string digest_;
};

}  // namespace steno::diarize
