#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/asr/native/kernels.h"

namespace steno::asr::native {

/// A matrix of `rows` x `depth` integers in the kernels' panel layout (see Panels for `group`),
/// with a scale per row and, for a linear layer, a bias per row. Rows are padded to full panels
/// with zeros.
template <class T>
class PackedMatrix {
 public:
  PackedMatrix() = default;
  PackedMatrix(int rows, int depth, int group);

  int rows() const { return rows_; }  ///< without padding
  int depth() const { return depth_; }
  int padded_rows() const { return static_cast<int>(scales_.size()); }

  Panels<T> view() const {
    return {data_.data(), scales_.data(), sums_.data(), padded_rows(), depth_};
  }
  /// At most `count` panels, starting at `first_panel`.
  Panels<T> view(int first_panel, int count) const;
  const float* bias() const { return bias_.empty() ? nullptr : bias_.data(); }

  /// Sets a row: integers, each worth `scale`.
  void set_row(int row, const T* values, float scale);
  void set_bias(const std::vector<float>& bias);
  /// Adds row `row`, as floats, to `out`.
  void add_row(int row, float* out) const;

 private:
  int rows_ = 0;
  int depth_ = 0;
  int group_ = 2;
  std::vector<T> data_;
  std::vector<float> scales_;
  std::vector<int32_t> sums_;
  std::vector<float> bias_;
};

/// The largest integers of the inputs and weights of a convolution.
inline constexpr float kConvolutionLimit = 4095;

/// Keys and values of one attention head over a range of positions, packed for the kernels. They
/// are int8: keys have a scale per position, values a scale per dimension of the head. The decoder
/// reads all of them in every step, and memory bandwidth dominates its time.
class HeadCache {
 public:
  /// `keys` and `values` hold one position per `stride` floats; the first `width` are this head's.
  void pack(const Kernels& kernels, const float* keys, const float* values, int stride,
            int positions, int width);

  int positions() const { return positions_; }
  int width() const { return width_; }

  /// out[r] (+0 floats of `width`) = softmax(query[r] . keys) . values for each row of `queries`.
  /// Their scales include the factor 1/sqrt(width). If given, `scores` receives the products before
  /// the softmax, [queries.count x positions].
  void attend(const Kernels& kernels, const Activated& queries, float* out, int out_stride,
              float* scores = nullptr) const;

 private:
  void pack_keys(const Kernels& kernels, const float* keys, int stride);
  void pack_values(const float* values, int stride);

  int positions_ = 0;
  int width_ = 0;
  std::vector<int8_t> keys_;
  std::vector<float> key_scales_;
  std::vector<int32_t> key_sums_;
  std::vector<int8_t> values_;
  std::vector<float> value_scales_;
};

}  // namespace steno::asr::native
