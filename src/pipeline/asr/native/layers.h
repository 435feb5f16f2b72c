#pragma once

#include <vector>

#include "pipeline/asr/native/weights.h"

namespace steno::asr::native {

/// Float rows and their integer form, which is the left-hand operand of the next product.
class Activations {
 public:
  void resize(int count, int width);
  int count() const { return count_; }
  int width() const { return width_; }
  float* row(int index) { return values_.data() + static_cast<size_t>(index) * width_; }
  const float* row(int index) const { return values_.data() + static_cast<size_t>(index) * width_; }

  /// The rows as integers, for a product with int8 weights.
  Activated quantized(const Kernels& kernels);

 private:
  int count_ = 0;
  int width_ = 0;
  std::vector<float> values_;
  std::vector<std::byte> integers_;
  std::vector<float> scales_;
  std::vector<int32_t> zeros_;
};

/// Buffers for the layers, one set per thread.
struct Scratch {
  Activations normed;
  Activations inner;
};

/// out[r] = LayerNorm(in[r]) for `count` rows of the model's width.
void normalise(const Kernels& kernels, const LayerNorm& norm, const float* in, int count,
               Activations& out);

/// x += W2 gelu(W1 LayerNorm(x)), for `count` rows.
void feed_forward(const Kernels& kernels, const FeedForward& layer, float* x, int count,
                  Scratch& scratch);

/// out = layer(rows), `count` rows of at least padded_rows() floats.
inline Output into(float* data, int stride, const PackedMatrix<int8_t>& layer) {
  return {data, stride, layer.bias(), false};
}
/// x += layer(rows)
inline Output onto(float* data, int stride, const PackedMatrix<int8_t>& layer) {
  return {data, stride, layer.bias(), true};
}

}  // namespace steno::asr::native
