#include "pipeline/asr/native/layers.h"

namespace steno::asr::native {

void Activations::resize(int count, int width) {
  count_ = count;
  width_ = width;
  const size_t size = static_cast<size_t>(count) * width;
  if (values_.size() < size) values_.resize(size);
  if (scales_.size() < static_cast<size_t>(count)) {
    scales_.resize(count);
    zeros_.resize(count);
  }
}

Activated Activations::quantized(const Kernels& kernels) {
  const size_t row_size = static_cast<size_t>(width_) * kernels.activation_bytes;
  if (integers_.size() < count_ * row_size) integers_.resize(count_ * row_size);
  for (int r = 0; r < count_; ++r) {
    kernels.activate(row(r), width_, integers_.data() + r * row_size, scales_[r], zeros_[r]);
  }
  return {integers_.data(), scales_.data(), zeros_.data(), count_, width_};
}

void normalise(const Kernels& kernels, const LayerNorm& norm, const float* in, int count,
               Activations& out) {
  const int width = static_cast<int>(norm.gamma.size());
  out.resize(count, width);
  for (int r = 0; r < count; ++r) {
    kernels.layer_norm(in + static_cast<size_t>(r) * width, width, norm.gamma.data(),
                       norm.beta.data(), out.row(r));
  }
}

void feed_forward(const Kernels& kernels, const FeedForward& layer, float* x, int count,
                  Scratch& scratch) {
  const int width = layer.outer.rows();
  const int inner = layer.inner.rows();
  normalise(kernels, layer.norm, x, count, scratch.normed);
  scratch.inner.resize(count, inner);
  kernels.multiply_i8(scratch.normed.quantized(kernels), layer.inner.view(),
                      into(scratch.inner.row(0), inner, layer.inner));
  kernels.gelu(scratch.inner.row(0), count * inner);
  kernels.multiply_i8(scratch.inner.quantized(kernels), layer.outer.view(),
                      onto(x, width, layer.outer));
}

}  // namespace steno::asr::native
