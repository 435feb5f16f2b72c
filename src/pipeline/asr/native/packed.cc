#include "pipeline/asr/native/packed.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace steno::asr::native {
namespace {

int round_up(int value, int step) { return (value + step - 1) / step * step; }

/// Adjacent elements of a row in panels for products of int16.
constexpr int kPair = 2;
/// The largest integer of keys and values.
constexpr float kByteLimit = 127;

/// The position of element `k` of row `row` in panels of that depth and group.
size_t panel_index(int row, int k, int depth, int group) {
  return static_cast<size_t>(row / kPanelRows) * depth * kPanelRows +
         static_cast<size_t>(k / group) * group * kPanelRows + (row % kPanelRows) * group +
         k % group;
}

}  // namespace

template <class T>
PackedMatrix<T>::PackedMatrix(int rows, int depth, int group)
    : rows_(rows),
      depth_(depth),
      group_(group),
      data_(static_cast<size_t>(round_up(rows, kPanelRows)) * depth),
      scales_(round_up(rows, kPanelRows)),
      sums_(round_up(rows, kPanelRows)) {}

template <class T>
Panels<T> PackedMatrix<T>::view(int first_panel, int count) const {
  const int first = first_panel * kPanelRows;
  const int rows = std::min(count * kPanelRows, padded_rows() - first);
  return {data_.data() + static_cast<size_t>(first) * depth_, scales_.data() + first,
          sums_.data() + first, rows, depth_};
}

template <class T>
void PackedMatrix<T>::set_row(int row, const T* values, float scale) {
  T* target = data_.data() + panel_index(row, 0, depth_, group_);
  for (int k = 0; k < depth_; k += group_, target += group_ * kPanelRows) {
    std::memcpy(target, values + k, group_ * sizeof(T));
  }
  scales_[row] = scale;
  sums_[row] = std::accumulate(values, values + depth_, int32_t{0});
}

template <class T>
void PackedMatrix<T>::set_bias(const std::vector<float>& bias) {
  bias_ = bias;
  bias_.resize(scales_.size());
}

template <class T>
void PackedMatrix<T>::add_row(int row, float* out) const {
  const T* source = data_.data() + panel_index(row, 0, depth_, group_);
  for (int k = 0; k < depth_; k += group_, source += group_ * kPanelRows) {
    for (int i = 0; i < group_; ++i) out[k + i] += static_cast<float>(source[i]) * scales_[row];
  }
}

template class PackedMatrix<int8_t>;
template class PackedMatrix<int16_t>;

void HeadCache::pack(const Kernels& kernels, const float* keys, const float* values, int stride,
                     int positions, int width) {
  positions_ = positions;
  width_ = width;
  pack_keys(kernels, keys, stride);
  pack_values(values, stride);
}

void HeadCache::pack_keys(const Kernels& kernels, const float* keys, int stride) {
  const int padded = round_up(positions_, kPanelRows);
  const int group = kernels.weight_group;
  keys_.assign(static_cast<size_t>(padded) * width_, 0);
  key_scales_.assign(padded, 0);
  key_sums_.assign(padded, 0);
  std::vector<int16_t> row(width_);
  for (int t = 0; t < positions_; ++t) {
    key_scales_[t] =
        kernels.quantize(keys + static_cast<size_t>(t) * stride, width_, kByteLimit, row.data());
    int8_t* target = keys_.data() + panel_index(t, 0, width_, group);
    for (int k = 0; k < width_; k += group, target += group * kPanelRows) {
      for (int i = 0; i < group; ++i) target[i] = static_cast<int8_t>(row[k + i]);
    }
    key_sums_[t] = std::accumulate(row.begin(), row.end(), int32_t{0});
  }
}

/// Values are the right operand of the second product, whose depth is the positions.
void HeadCache::pack_values(const float* values, int stride) {
  const int depth = round_up(positions_, kPair);
  std::vector<float> peaks(width_, 0.0f);
  for (int t = 0; t < positions_; ++t) {
    const float* value = values + static_cast<size_t>(t) * stride;
    for (int n = 0; n < width_; ++n) peaks[n] = std::max(peaks[n], std::fabs(value[n]));
  }
  values_.assign(static_cast<size_t>(depth) * width_, 0);
  value_scales_.assign(width_, 0);
  std::vector<float> factors(width_, 0.0f);
  for (int n = 0; n < width_; ++n) {
    value_scales_[n] = peaks[n] / kByteLimit;
    factors[n] = peaks[n] > 0 ? kByteLimit / peaks[n] : 0;
  }
  for (int t = 0; t < positions_; ++t) {
    const float* value = values + static_cast<size_t>(t) * stride;
    for (int panel = 0; panel < width_ / kPanelRows; ++panel) {
      int8_t* target = values_.data() + panel_index(panel * kPanelRows, t, depth, kPair);
      for (int i = 0; i < kPanelRows; ++i) {
        const int n = panel * kPanelRows + i;
        const float scaled = value[n] * factors[n];
        target[kPair * i] = static_cast<int8_t>(scaled + std::copysign(0.5f, scaled));
      }
    }
  }
}

void HeadCache::attend(const Kernels& kernels, const Activated& queries, float* out, int out_stride,
                       float* scores) const {
  constexpr int kBlock = 24;  // rows whose scores stay in the second-level cache
  const int padded = static_cast<int>(key_scales_.size());
  const int depth = round_up(positions_, kPair);
  thread_local std::vector<float> products;
  thread_local std::vector<int16_t> weights;
  products.resize(static_cast<size_t>(kBlock) * padded);
  weights.assign(static_cast<size_t>(kBlock) * depth, 0);
  float weight_scales[kBlock];
  const size_t query_size = static_cast<size_t>(queries.stride) * kernels.activation_bytes;
  for (int begin = 0; begin < queries.count; begin += kBlock) {
    const int count = std::min(kBlock, queries.count - begin);
    const Activated block = {queries.data + begin * query_size, queries.scales + begin,
                             queries.zeros + begin, count, queries.stride};
    kernels.multiply_i8(block, {keys_.data(), key_scales_.data(), key_sums_.data(), padded, width_},
                        {products.data(), padded});
    for (int r = 0; r < count; ++r) {
      float* row = products.data() + static_cast<size_t>(r) * padded;
      if (scores) {
        std::copy(row, row + positions_, scores + static_cast<size_t>(begin + r) * positions_);
      }
      weight_scales[r] = kernels.softmax(row, positions_, kByteLimit,
                                         weights.data() + static_cast<size_t>(r) * depth);
    }
    kernels.multiply_i16_i8({weights.data(), weight_scales, count, depth},
                            {values_.data(), value_scales_.data(), nullptr, width_, depth},
                            {out + static_cast<size_t>(begin) * out_stride, out_stride});
  }
}

}  // namespace steno::asr::native
