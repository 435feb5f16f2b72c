#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace steno::asr::native {

/// Rows of a right-hand operand that are interleaved in one panel.
inline constexpr int kPanelRows = 16;

/// Rows whose largest magnitude is not above this count as zero. Otherwise the scale factor would
/// be infinite.
inline constexpr float kSmallestPeak = 1e-30f;

/// The right-hand operand of a product: `rows` rows of `depth` integers in panels of 16 rows, laid
/// out as [rows/16][depth/group][16][group]. One vector load thus gives neighbours of each row. The
/// group is 2 for int16 and Kernels::weight_group for int8. `rows` is padded to a multiple of 16,
/// `depth` to a multiple of the group (with zeros).
template <class T>
struct Panels {
  const T* data = nullptr;
  const float* scales = nullptr;  ///< [rows], value = integer * scale
  const int32_t* sums = nullptr;  ///< [rows], sum of each row's integers
  int rows = 0;
  int depth = 0;
};

/// Activations as the left-hand operand of a product with int8 weights, in the form that a set of
/// kernels needs: value = (integer - zero) * scale. The integers are int16 with a scale per row, or
/// uint8 with a scale and a zero point where the processor multiplies bytes twice as fast.
struct Activated {
  const std::byte* data = nullptr;  ///< [count][stride] integers of Kernels::activation_bytes
  const float* scales = nullptr;    ///< [count]
  const int32_t* zeros = nullptr;   ///< [count]
  int count = 0;
  int stride = 0;  ///< distance between two rows in integers
};

/// The left-hand operand of a product of int16: rows, each with its own scale.
struct Rows {
  const int16_t* data = nullptr;
  const float* scales = nullptr;  ///< [count]
  int count = 0;
  int stride = 0;  ///< distance between two rows in elements
};

/// The destination of a product: float32 rows of at least `Panels::rows` elements.
struct Output {
  float* data = nullptr;
  int stride = 0;
  const float* bias = nullptr;  ///< [rows of the right operand], or null
  bool accumulate = false;      ///< whether to add to the present content
};

/// The inner loops of the CPU engine for one instruction set. All are pure functions over the
/// caller's memory. Products sum in int32. `product_limit` gives the range of left-hand int16 that
/// cannot overflow.
struct Kernels {
  std::string_view name;
  int activation_bytes;  ///< size of an integer of Activated
  int weight_group;      ///< neighbours of a row that are adjacent in an int8 panel

  /// out[m][n] (+)= left[m] . right[n] * left.scales[m] * right.scales[n] + bias[n]
  void (*multiply_i8)(const Activated& left, const Panels<int8_t>& right, const Output& out);
  void (*multiply_i16)(const Rows& left, const Panels<int16_t>& right, const Output& out);
  /// As multiply_i8, for an int16 left operand and int8 in panels of group 2.
  void (*multiply_i16_i8)(const Rows& left, const Panels<int8_t>& right, const Output& out);
  /// Converts `count` floats to one row of Activated, for weights within +-127.
  void (*activate)(const float* in, int count, std::byte* out, float& scale, int32_t& zero);

  /// Rounds `count` floats to integers within +-limit. Returns the scale that converts them back.
  float (*quantize)(const float* in, int count, float limit, int16_t* out);
  /// Layer normalisation (eps 1e-5) with gain and bias, into `out`.
  void (*layer_norm)(const float* in, int count, const float* gamma, const float* beta, float* out);
  /// Exact GELU, in place.
  void (*gelu)(float* values, int count);
  /// Softmax of one row as integers: sum(out[i] * v) cannot overflow for |v| <= value_limit. `in`
  /// is overwritten. Returns the scale that converts `out` into probabilities.
  float (*softmax)(float* in, int count, float value_limit, int16_t* out);
  float (*dot)(const float* a, const float* b, int count);
  /// out += weight * in
  void (*add_scaled)(const float* in, float weight, int count, float* out);
  float (*maximum)(const float* in, int count);
  /// sum(exp(in[i] - offset))
  float (*sum_exp)(const float* in, int count, float offset);
};

/// The largest left-hand integer, at most 32767, for which `depth` products with integers up to
/// `right_limit` cannot overflow int32.
constexpr float product_limit(int depth, int right_limit) {
  const double limit = 2147483647.0 / (static_cast<double>(depth) * right_limit);
  return static_cast<float>(limit > 32767 ? 32767 : static_cast<int>(limit));
}

/// The kernels of each instruction set; null if this build or this processor does not support it.
const Kernels* portable_kernels();
const Kernels* avx2_kernels();
const Kernels* avx512_kernels();

/// The fastest kernels that this processor supports.
const Kernels& best_kernels();

}  // namespace steno::asr::native
