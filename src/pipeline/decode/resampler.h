#pragma once

#include <optional>
#include <vector>

#include "options/options.h"
#include "pipeline/decode/ffmpeg.h"
#include "pipeline/decode/mixer.h"

namespace steno::decode {

/// One vector of samples per channel, all of the same length.
using Samples = std::vector<std::vector<float>>;

/// Converts frames to 16 kHz float32 in [-1, 1], mixed to one channel or each channel separately.
/// Sample format, rate and channel layout may change between frames. Not thread-safe.
class Resampler {
 public:
  explicit Resampler(Channels channels) : wanted_(channels) {}

  /// Appends the frame's samples to `out`. The last few follow with the next call or finish().
  /// Ignores a frame that prepare() refuses.
  void convert(const AVFrame& frame, Samples& out);
  /// Configures the conversion for frames like this one. Before that, it appends the samples that
  /// are left of other frames. The first frame decides the number of channels. False if the frame
  /// cannot be converted.
  bool prepare(const AVFrame& frame, Samples& out);
  /// Appends the samples that are still buffered. The next frame needs prepare() again.
  void finish(Samples& out);

  int channels() const { return channels_; }

 private:
  bool configure(const AVFrame& frame);
  bool is_configured_for(const AVFrame& frame) const;
  void pull(const AVFrame* frame, Samples& out);
  void append(int count, Samples& out);

  Channels wanted_;
  int channels_ = 0;
  ResamplerPtr context_;
  int rate_ = 0;
  int format_ = -1;
  AVChannelLayout layout_{};  ///< never of custom order, so it owns no memory
  int planes_ = 0;            ///< channels of libswresample's output
  std::vector<std::vector<float>> buffers_;
  std::optional<Mixer> mixer_;  ///< if several channels are mixed
};

}  // namespace steno::decode
