#include "pipeline/asr/native/encoder.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "pipeline/asr/native/layers.h"

namespace steno::asr::native {
namespace {

/// Rows that pass through a layer together. A multiple of every tile's rows, and small enough for
/// the feed-forward values to stay in the second-level cache.
constexpr int kBlock = 48;

/// The encoding of one window.
class EncoderRun {
 public:
  EncoderRun(const Kernels& kernels, const Weights& weights, ThreadTeam& team, int threads)
      : kernels_(kernels), weights_(weights), team_(team), threads_(threads) {}

  void convolve(const Features& features);
  void run_layer(const EncoderLayer& layer);
  std::shared_ptr<const EncodedWindow> keys_and_values();

 private:
  /// Calls body(first row, row count) for each block of `rows`.
  template <class Body>
  void for_blocks(int rows, const Body& body) {
    team_.run((rows + kBlock - 1) / kBlock, threads_, [&](int block) {
      const int first = block * kBlock;
      body(first, std::min(kBlock, rows - first));
    });
  }
  static Scratch& scratch() {
    thread_local Scratch buffers;
    return buffers;
  }
  void first_convolution(const Features& features);
  void second_convolution();
  void attend();

  const Kernels& kernels_;
  const Weights& weights_;
  ThreadTeam& team_;
  int threads_;
  int frames_ = 0;
  int positions_ = 0;
  std::vector<int16_t> convolved_;  ///< [frames + 2][width], a zero frame at each end
  std::vector<float> convolved_scales_;
  std::vector<float> x_;                ///< [positions][width]
  std::vector<float> query_key_value_;  ///< [positions][3 width]
  std::vector<float> attended_;         ///< [positions][width]
};

void EncoderRun::convolve(const Features& features) {
  frames_ = features.frames;
  positions_ = (frames_ + 1) / 2;
  if (features.mels != weights_.mels || positions_ < 1 || positions_ > weights_.audio_positions) {
    throw std::invalid_argument("features of " + std::to_string(features.mels) + " x " +
                                std::to_string(frames_) + " do not fit the model");
  }
  first_convolution(features);
  second_convolution();
}

/// Three adjacent frames of `mels` values are contiguous, so the convolution is a product of depth
/// 3 * mels over overlapping rows.
void EncoderRun::first_convolution(const Features& features) {
  const int mels = features.mels;
  const int width = weights_.width;
  std::vector<float> frames(static_cast<size_t>(frames_ + 2) * mels);
  for (int m = 0; m < mels; ++m) {
    for (int t = 0; t < frames_; ++t) {
      frames[static_cast<size_t>(t + 1) * mels + m] =
          features.values[static_cast<size_t>(m) * frames_ + t];
    }
  }
  std::vector<int16_t> integers(frames.size());
  const float scale = kernels_.quantize(frames.data(), static_cast<int>(frames.size()),
                                        kConvolutionLimit, integers.data());
  const std::vector<float> scales(frames_, scale);
  convolved_.assign(static_cast<size_t>(frames_ + 2) * width, 0);
  convolved_scales_.assign(frames_ + 2, 0);
  for_blocks(frames_, [&](int first, int count) {
    Activations& out = scratch().normed;
    out.resize(count, width);
    kernels_.multiply_i16(
        {integers.data() + static_cast<size_t>(first) * mels, scales.data() + first, count, mels},
        weights_.convolution1.view(), {out.row(0), width, weights_.convolution1.bias()});
    kernels_.gelu(out.row(0), count * width);
    for (int r = 0; r < count; ++r) {
      const size_t frame = first + r + 1;
      convolved_scales_[frame] = kernels_.quantize(out.row(r), width, kConvolutionLimit,
                                                   convolved_.data() + frame * width);
    }
  });
}

/// Stride 2: position t reads the frames 2t - 1, 2t and 2t + 1, with one product for each. The
/// first two and the last frame may be the zero frames at the ends.
void EncoderRun::second_convolution() {
  const int width = weights_.width;
  x_.resize(static_cast<size_t>(positions_) * width);
  for_blocks(positions_, [&](int first, int count) {
    float* x = x_.data() + static_cast<size_t>(first) * width;
    std::vector<float> scales(count);
    for (int tap = 0; tap < 3; ++tap) {
      const int frame = 2 * first + tap;
      for (int r = 0; r < count; ++r) scales[r] = convolved_scales_[frame + 2 * r];
      const PackedMatrix<int16_t>& weights = weights_.convolution2.taps[tap];
      kernels_.multiply_i16(
          {convolved_.data() + static_cast<size_t>(frame) * width, scales.data(), count, 2 * width},
          weights.view(), {x, width, weights.bias(), tap > 0});
    }
    kernels_.gelu(x, count * width);
    kernels_.add_scaled(
        weights_.audio_position_embeddings.data() + static_cast<size_t>(first) * width, 1.0f,
        count * width, x);
  });
}

void EncoderRun::run_layer(const EncoderLayer& layer) {
  const int width = weights_.width;
  const PackedMatrix<int8_t>& projection = layer.attention.query_key_value;
  query_key_value_.resize(static_cast<size_t>(positions_) * 3 * width);
  for_blocks(positions_, [&](int first, int count) {
    Activations& normed = scratch().normed;
    normalise(kernels_, layer.attention.norm, x_.data() + static_cast<size_t>(first) * width, count,
              normed);
    kernels_.multiply_i8(normed.quantized(kernels_), projection.view(),
                         into(query_key_value_.data() + static_cast<size_t>(first) * 3 * width,
                              3 * width, projection));
  });
  attend();
  for_blocks(positions_, [&](int first, int count) {
    float* x = x_.data() + static_cast<size_t>(first) * width;
    Activations& attended = scratch().normed;
    attended.resize(count, width);
    const float* source = attended_.data() + static_cast<size_t>(first) * width;
    std::copy(source, source + static_cast<size_t>(count) * width, attended.row(0));
    kernels_.multiply_i8(attended.quantized(kernels_), layer.attention.output.view(),
                         onto(x, width, layer.attention.output));
    feed_forward(kernels_, layer.feed_forward, x, count, scratch());
  });
}

void EncoderRun::attend() {
  const int width = weights_.width;
  const int head_width = width / weights_.heads;
  attended_.resize(static_cast<size_t>(positions_) * width);
  team_.run(weights_.heads, threads_, [&](int head) {
    thread_local HeadCache cache;
    thread_local std::vector<std::byte> queries;
    thread_local std::vector<float> scales;
    thread_local std::vector<int32_t> zeros;
    const float* source = query_key_value_.data() + head * head_width;
    cache.pack(kernels_, source + width, source + 2 * width, 3 * width, positions_, head_width);
    const size_t query_size = static_cast<size_t>(head_width) * kernels_.activation_bytes;
    queries.resize(positions_ * query_size);
    scales.resize(positions_);
    zeros.resize(positions_);
    const float factor = 1.0f / std::sqrt(static_cast<float>(head_width));
    for (int t = 0; t < positions_; ++t) {
      kernels_.activate(source + static_cast<size_t>(t) * 3 * width, head_width,
                        queries.data() + t * query_size, scales[t], zeros[t]);
      scales[t] *= factor;
    }
    cache.attend(kernels_, {queries.data(), scales.data(), zeros.data(), positions_, head_width},
                 attended_.data() + head * head_width, width);
  });
}

std::shared_ptr<const EncodedWindow> EncoderRun::keys_and_values() {
  const int width = weights_.width;
  const int heads = weights_.heads;
  const int head_width = width / heads;
  auto window = std::make_shared<EncodedWindow>();
  window->positions = positions_;
  window->heads.resize(weights_.decoder.size() * heads);
  Activations encoded;
  normalise(kernels_, weights_.encoder_norm, x_.data(), positions_, encoded);
  const Activated rows = encoded.quantized(kernels_);
  team_.run(static_cast<int>(weights_.decoder.size()), threads_, [&](int layer) {
    const PackedMatrix<int8_t>& projection = weights_.decoder[layer].cross.key_value;
    thread_local std::vector<float> key_value;
    key_value.resize(static_cast<size_t>(positions_) * 2 * width);
    kernels_.multiply_i8(rows, projection.view(), into(key_value.data(), 2 * width, projection));
    for (int head = 0; head < heads; ++head) {
      const float* source = key_value.data() + head * head_width;
      window->heads[static_cast<size_t>(layer) * heads + head].pack(
          kernels_, source, source + width, 2 * width, positions_, head_width);
    }
  });
  return window;
}

}  // namespace

std::shared_ptr<const EncodedWindow> encode(const Kernels& kernels, const Weights& weights,
                                            const Features& features, ThreadTeam& team,
                                            int threads) {
  EncoderRun run(kernels, weights, team, threads);
  run.convolve(features);
  for (const EncoderLayer& layer : weights.encoder) run.run_layer(layer);
  return run.keys_and_values();
}

}  // namespace steno::asr::native
