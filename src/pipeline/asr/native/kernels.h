#pragma once

#include <cstdint>
#include <string_view>

namespace steno::asr::native {

/// Rows of a right-hand operand that lie side by side in one panel.
inline constexpr int kPanelRows = 16;

/// Rows of nothing above this are zero: their integers' factor would be infinite.
inline constexpr float kSmallestPeak = 1e-30f;

/// The right-hand operand of a product: `rows` rows of `depth` integers, in panels of 16 rows laid
/// out [rows/16][depth/2][16][2], so that one vector load gives two neighbours of each row.
/// `rows` is padded to a multiple of 16, `depth` to a multiple of 2 (with zeros).
template <class T>
struct Panels {
  const T* data = nullptr;
  const float* scales = nullptr;  ///< [rows], value = integer * scale
  int rows = 0;
  int depth = 0;
};

/// The left-hand operand: int16 rows, each with its own scale.
struct Rows {
  const int16_t* data = nullptr;
  const float* scales = nullptr;  ///< [count]
  int count = 0;
  int stride = 0;  ///< distance of two rows in elements
};

/// Where a product goes: float32 rows of at least `Panels::rows` elements.
struct Output {
  float* data = nullptr;
  int stride = 0;
  const float* bias = nullptr;  ///< [rows of the right operand] or none
  bool accumulate = false;      ///< add to what is there
};

/// The inner loops of the CPU engine for one instruction set. All are pure functions over caller's
/// memory. Products take int16 on the left and int8 or int16 on the right and sum in int32:
/// `product_limit` gives the range on the left that cannot overflow.
struct Kernels {
  std::string_view name;

  /// out[m][n] (+)= left[m] . right[n] * left.scales[m] * right.scales[n] + bias[n]
  void (*multiply_i8)(const Rows& left, const Panels<int8_t>& right, const Output& out);
  void (*multiply_i16)(const Rows& left, const Panels<int16_t>& right, const Output& out);

  /// Rounds `count` floats to integers within +-limit; returns the scale that turns them back.
  float (*quantize)(const float* in, int count, float limit, int16_t* out);
  /// Layer normalisation (eps 1e-5) with gain and bias, into `out`.
  void (*layer_norm)(const float* in, int count, const float* gamma, const float* beta, float* out);
  /// Exact GELU, in place.
  void (*gelu)(float* values, int count);
  /// Softmax of one row, as integers: sum(out[i] * v) cannot overflow for |v| <= value_limit.
  /// `in` is overwritten. Returns the scale that turns `out` into probabilities.
  float (*softmax)(float* in, int count, float value_limit, int16_t* out);
  float (*dot)(const float* a, const float* b, int count);
  /// out += weight * in
  void (*add_scaled)(const float* in, float weight, int count, float* out);
  float (*maximum)(const float* in, int count);
  /// sum(exp(in[i] - offset))
  float (*sum_exp)(const float* in, int count, float offset);
};

/// The largest left-hand integer for which `depth` products with integers up to `right_limit`
/// cannot overflow int32, at most 32767.
constexpr float product_limit(int depth, int right_limit) {
  const double limit = 2147483647.0 / (static_cast<double>(depth) * right_limit);
  return static_cast<float>(limit > 32767 ? 32767 : static_cast<int>(limit));
}

/// The kernels of each instruction set; null where this build or this processor has none.
const Kernels* portable_kernels();
const Kernels* avx2_kernels();
const Kernels* avx512_kernels();

/// The fastest set this processor runs.
const Kernels& best_kernels();

}  // namespace steno::asr::native
