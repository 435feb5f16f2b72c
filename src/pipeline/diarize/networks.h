#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace steno::diarize {

/// The probabilities of the segmentation network for one frame: silence; local speaker 0, 1 or
/// 2 talks alone; two of them talk at once (0+1, 0+2, 1+2).
using FrameClasses = std::array<float, 7>;

/// A voice as a vector. Vectors of the same speaker point in similar directions.
using Embedding = std::array<float, 192>;

/// The two networks of diarization: pyannote segmentation 3.0 and the CAM++ speaker embedding.
/// Loaded once per process. Thread-safe; each call runs on the caller's thread only.
class Networks {
 public:
  static constexpr int kWindow = 160000;  ///< samples of the input of segment(): 10 s at 16 kHz
  static constexpr int kFrames = 589;     ///< frames of its output, one every kFrameShift samples
  static constexpr int kFrameShift = 270;
  static constexpr int kMostEmbedded = 200;  ///< most frames of the filter bank for embed()

  /// Reads `segmentation.onnx` and `embedding.onnx` of the folder. Fails with bad_model; the
  /// message names the file and the cause.
  static Result<std::shared_ptr<const Networks>> load(const std::string& folder);
  ~Networks();

  /// kWindow samples in [-1, 1] -> kFrames frames. Fails with unavailable when there is no memory.
  Result<std::vector<FrameClasses>> segment(std::span<const float> samples) const;

  /// 8 to kMostEmbedded frames of FilterBank with one voice -> its embedding, of length 1. Fails
  /// with unavailable when there is no memory.
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
