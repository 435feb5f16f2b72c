#pragma once

#include <vector>

#include "options/options.h"
#include "pipeline/decode/ffmpeg.h"

namespace steno::decode {

/// One vector of samples per channel, all of one length.
using Samples = std::vector<std::vector<float>>;

/// Brings frames of any sample format, rate and channel layout, which may change in between, to
/// 16 kHz float32 in [-1, 1], mixed to one channel or each channel by itself.
class Resampler {
 public:
  explicit Resampler(Channels channels) : wanted_(channels) {}

  /// Appends the frame's samples to `out`; the last few come with the next call or finish().
  /// Nothing for a frame that prepare() refuses.
  void convert(const AVFrame& frame, Samples& out);
  /// Sets itself up for frames like this one, and first appends what it holds of other ones.
  /// The first frame decides the number of channels. False if it cannot be converted.
  bool prepare(const AVFrame& frame, Samples& out);
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
