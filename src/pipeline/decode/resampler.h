#pragma once

#include <vector>

#include "pipeline/decode/ffmpeg.h"
#include "pipeline/options.h"

namespace steno::decode {

/// One vector of samples per channel, all of one length.
using Samples = std::vector<std::vector<float>>;

/// Brings frames of any sample format, rate and channel layout, which may change in between, to
/// 16 kHz float32 in [-1, 1], mixed to one channel or each channel by itself.
class Resampler {
 public:
  explicit Resampler(Channels channels) : wanted_(channels) {}

  /// Appends the frame's samples to `out`; the last few come with the next call or finish().
  /// The first frame decides the number of channels. False for a frame that cannot be converted,
  /// of which nothing is appended.
  bool convert(const AVFrame& frame, Samples& out);
  /// Decides the number of channels by a frame that convert() is called with later.
  /// False for one that cannot be converted.
  bool prepare(const AVFrame& frame);
  /// Appends what is still held back; the next frame starts anew.
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
  AVChannelLayout layout_{};  ///< never of custom order, so that it owns nothing
  int planes_ = 0;            ///< channels that libswresample gives
  std::vector<std::vector<float>> buffers_;
};

}  // namespace steno::decode
