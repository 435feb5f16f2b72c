// The kernels, compiled once for each instruction set. The including file defines
// STENO_KERNELS_NAME and is compiled with the flags of that set. Everything is in an anonymous
// namespace, so the linker cannot mix functions of different sets.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "pipeline/asr/native/kernels.h"

namespace steno::asr::native {
namespace {

/// e^x for x <= 88, relative error 1e-5: 2^n times a polynomial for 2^f with f in [-1/2, 1/2].
inline float exponential(float x) {
  const float y = std::max(x, -87.0f) * 1.44269504f;
  const float n = std::nearbyint(y);
  const float f = y - n;
  float p = 1.3333558e-3f;
  p = p * f + 9.6181291e-3f;
  p = p * f + 5.5504109e-2f;
  p = p * f + 2.4022651e-1f;
  p = p * f + 6.9314718e-1f;
  p = p * f + 1.0f;
  return p * std::bit_cast<float>((static_cast<int32_t>(n) + 127) << 23);
}

/// erf, absolute error 1.5e-7 (Abramowitz and Stegun 7.1.26).
inline float error_function(float x) {
  const float a = std::fabs(x);
  const float t = 1.0f / (1.0f + 0.3275911f * a);
  const float poly =
      ((((1.061405429f * t - 1.453152027f) * t + 1.421413741f) * t - 0.284496736f) * t +
       0.254829592f) *
      t;
  return std::copysign(1.0f - poly * exponential(-a * a), x);
}

/// The left-hand operand, typed by its integers.
template <class E>
struct Left {
  const E* data;
  const float* scales;
  const int32_t* zeros;
  int count;
  int stride;
};

/// Neighbours of a row that one instruction multiplies, 32 bits in total.
template <class E>
constexpr int kGroup = 4 / sizeof(E);

template <class E>
inline int32_t load_group(const E* p) {
  int32_t group;
  std::memcpy(&group, p, sizeof group);
  return group;
}

#if defined(__AVX512BW__) && defined(__AVX512VNNI__)

constexpr int kTileRows = 8;
constexpr int kTilePanels = 2;
using Activation = uint8_t;

/// Loads a panel's next columns as integers of the left operand's type.
inline __m512i load_columns(const uint8_t*, const int8_t* p) { return _mm512_loadu_si512(p); }
inline __m512i load_columns(const int16_t*, const int16_t* p) { return _mm512_loadu_si512(p); }
inline __m512i load_columns(const int16_t*, const int8_t* p) {
  return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}

/// sum += group . column in each lane. In assembly, because GCC 12 copies the accumulator twice
/// around its intrinsics.
inline void add_products(const int16_t*, __m512i& sum, __m512i group, __m512i column) {
  asm("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(group), "v"(column));
}
inline void add_products(const uint8_t*, __m512i& sum, __m512i group, __m512i column) {
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(group), "v"(column));
}

/// The sums of `R` rows with two panels. Members instead of an array, so that the compiler keeps
/// them in registers.
template <int R>
struct Sums : Sums<R - 1> {
  __m512i first = _mm512_setzero_si512();
  __m512i second = _mm512_setzero_si512();
};
template <>
struct Sums<0> {};

/// sum += the group of `a` in each row times the columns of each panel.
template <int R, int P, class E>
[[gnu::always_inline]] inline void add_groups(Sums<R>& sum, const E* a, size_t stride,
                                              __m512i first, __m512i second) {
  const __m512i group = _mm512_set1_epi32(load_group(a));
  add_products(a, sum.first, group, first);
  if constexpr (P == 2) add_products(a, sum.second, group, second);
  if constexpr (R > 1) add_groups<R - 1, P>(sum, a + stride, stride, first, second);
}

/// Scales the sums of one row and panel and stores them. `n` is their first column.
template <class E, class T>
inline void store_panel(__m512i sum, const Left<E>& left, int row, const Panels<T>& right,
                        const Output& out, float* target, int n) {
  if constexpr (sizeof(E) == 1) {
    const __m512i zero = _mm512_set1_epi32(left.zeros[row]);
    sum = _mm512_sub_epi32(sum, _mm512_mullo_epi32(zero, _mm512_loadu_si512(right.sums + n)));
  }
  const __m512 factor =
      _mm512_mul_ps(_mm512_set1_ps(left.scales[row]), _mm512_loadu_ps(right.scales + n));
  __m512 value = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), factor);
  if (out.bias) value = _mm512_add_ps(value, _mm512_loadu_ps(out.bias + n));
  if (out.accumulate) value = _mm512_add_ps(value, _mm512_loadu_ps(target));
  _mm512_storeu_ps(target, value);
}

template <int R, int P, class E, class T>
[[gnu::always_inline]] inline void store_sums(const Sums<R>& sum, const Left<E>& left, int row,
                                              const Panels<T>& right, const Output& out,
                                              float* target, int n) {
  store_panel(sum.first, left, row, right, out, target, n);
  if constexpr (P == 2)
    store_panel(sum.second, left, row, right, out, target + kPanelRows, n + kPanelRows);
  if constexpr (R > 1) store_sums<R - 1, P>(sum, left, row + 1, right, out, target + out.stride, n);
}

/// Multiplies `R` rows of the left operand by `P` panels of the right one. Sums stay in registers.
template <int R, int P, class E, class T>
[[gnu::noinline]] void multiply_tile(const Left<E>& left, int row, const Panels<T>& right,
                                     int panel, const Output& out) {
  const size_t panel_size = static_cast<size_t>(right.depth) * kPanelRows;
  const size_t stride = left.stride;
  const E* a = left.data + row * stride;
  const T* b = right.data + panel * panel_size;
  Sums<R> sum;
  for (int k = 0; k < right.depth; k += kGroup<E>, a += kGroup<E>, b += kGroup<E> * kPanelRows) {
    const __m512i first = load_columns(a, b);
    const __m512i second = P == 2 ? load_columns(a, b + panel_size) : first;
    add_groups<R, P>(sum, a, stride, first, second);
  }
  const int n = panel * kPanelRows;
  store_sums<R, P>(sum, left, row, right, out, out.data + static_cast<size_t>(row) * out.stride + n,
                   n);
}

/// Maps the range of the row, extended to include 0, to bytes. A row without negative values thus
/// uses the full precision.
inline void activate_as(const float* in, int count, uint8_t* out, float& scale, int32_t& zero) {
  const auto load = [&](int i) {
    const int left = count - i;
    return left >= 16 ? _mm512_loadu_ps(in + i)
                      : _mm512_maskz_loadu_ps(static_cast<__mmask16>((1 << left) - 1), in + i);
  };
  __m512 least = _mm512_setzero_ps();
  __m512 most = _mm512_setzero_ps();
  for (int i = 0; i < count; i += 16) {
    least = _mm512_min_ps(least, load(i));
    most = _mm512_max_ps(most, load(i));
  }
  const float bottom = _mm512_reduce_min_ps(least);
  const float range = _mm512_reduce_max_ps(most) - bottom;
  const float factor = range > 0 ? 255 / range : 0;
  scale = range > 0 ? range / 255 : 0;
  zero = static_cast<int32_t>(std::nearbyint(-bottom * factor));
  const __m512i shift = _mm512_set1_epi32(zero);
  for (int i = 0; i < count; i += 16) {
    const __m512 scaled = _mm512_mul_ps(load(i), _mm512_set1_ps(factor));
    const __m512i integers = _mm512_add_epi32(_mm512_cvtps_epi32(scaled), shift);
    const __m128i bytes =
        _mm512_cvtusepi32_epi8(_mm512_max_epi32(integers, _mm512_setzero_si512()));
    if (count - i >= 16) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), bytes);
    } else {
      _mm_mask_storeu_epi8(out + i, static_cast<__mmask16>((1 << (count - i)) - 1), bytes);
    }
  }
}

#elif defined(__AVX2__)

constexpr int kTileRows = 6;
constexpr int kTilePanels = 1;
using Activation = int16_t;

inline __m256i load_half(const int16_t* p) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
}
inline __m256i load_half(const int8_t* p) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}

/// The sums of `R` rows with one panel. Members instead of an array, so that the compiler keeps
/// them in registers.
template <int R>
struct Sums : Sums<R - 1> {
  __m256i low = _mm256_setzero_si256();
  __m256i high = _mm256_setzero_si256();
};
template <>
struct Sums<0> {};

/// sum += the pair of `a` in each row times both halves of the panel.
template <int R>
[[gnu::always_inline]] inline void add_pairs(Sums<R>& sum, const int16_t* a, size_t stride,
                                             __m256i low, __m256i high) {
  const __m256i pair = _mm256_set1_epi32(load_group(a));
  sum.low = _mm256_add_epi32(sum.low, _mm256_madd_epi16(pair, low));
  sum.high = _mm256_add_epi32(sum.high, _mm256_madd_epi16(pair, high));
  if constexpr (R > 1) add_pairs<R - 1>(sum, a + stride, stride, low, high);
}

/// Scales eight sums of one row and stores them. `n` is their first column.
inline void store_half(__m256i sum, float row_scale, const float* scale, const Output& out,
                       float* target, int n) {
  const __m256 factor = _mm256_mul_ps(_mm256_set1_ps(row_scale), _mm256_loadu_ps(scale + n));
  __m256 value = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), factor);
  if (out.bias) value = _mm256_add_ps(value, _mm256_loadu_ps(out.bias + n));
  if (out.accumulate) value = _mm256_add_ps(value, _mm256_loadu_ps(target));
  _mm256_storeu_ps(target, value);
}

template <int R>
[[gnu::always_inline]] inline void store_sums(const Sums<R>& sum, const float* row_scale,
                                              const float* scale, const Output& out, float* target,
                                              int n) {
  store_half(sum.low, *row_scale, scale, out, target, n);
  store_half(sum.high, *row_scale, scale, out, target + 8, n + 8);
  if constexpr (R > 1) store_sums<R - 1>(sum, row_scale + 1, scale, out, target + out.stride, n);
}

/// Multiplies `R` rows of the left operand by one panel of the right one. Sums stay in registers.
template <int R, int P, class T>
[[gnu::noinline]] void multiply_tile(const Left<int16_t>& left, int row, const Panels<T>& right,
                                     int panel, const Output& out) {
  static_assert(P == 1);
  const size_t stride = left.stride;
  const int16_t* a = left.data + row * stride;
  const T* b = right.data + static_cast<size_t>(panel) * right.depth * kPanelRows;
  Sums<R> sum;
  for (int k = 0; k < right.depth; k += 2, a += 2, b += 2 * kPanelRows) {
    add_pairs<R>(sum, a, stride, load_half(b), load_half(b + kPanelRows));
  }
  const int n = panel * kPanelRows;
  store_sums<R>(sum, left.scales + row, right.scales, out,
                out.data + static_cast<size_t>(row) * out.stride + n, n);
}

#else

constexpr int kTileRows = 4;
constexpr int kTilePanels = 1;
using Activation = int16_t;

/// Multiplies `R` rows of the left operand by one panel of the right one.
template <int R, int P, class T>
inline void multiply_tile(const Left<int16_t>& left, int row, const Panels<T>& right, int panel,
                          const Output& out) {
  static_assert(P == 1);
  const T* b = right.data + static_cast<size_t>(panel) * right.depth * kPanelRows;
  const int16_t* a = left.data + static_cast<size_t>(row) * left.stride;
  int32_t sum[R][kPanelRows] = {};
  for (int k = 0; k < right.depth; k += 2, b += 2 * kPanelRows) {
    for (int r = 0; r < R; ++r) {
      // A copy, because GCC 12 would otherwise load whole vectors that reach beyond the row's end.
      int16_t pair[2];
      std::memcpy(pair, a + static_cast<size_t>(r) * left.stride + k, sizeof pair);
      for (int n = 0; n < kPanelRows; ++n) sum[r][n] += pair[0] * b[2 * n] + pair[1] * b[2 * n + 1];
    }
  }
  for (int r = 0; r < R; ++r) {
    float* target = out.data + static_cast<size_t>(row + r) * out.stride + panel * kPanelRows;
    for (int i = 0; i < kPanelRows; ++i) {
      const int n = panel * kPanelRows + i;
      float value = static_cast<float>(sum[r][i]) * (left.scales[row + r] * right.scales[n]);
      if (out.bias) value += out.bias[n];
      target[i] = out.accumulate ? target[i] + value : value;
    }
  }
}

#endif

template <int R, int P, class E, class T>
inline void multiply_rest(const Left<E>& left, int row, int count, const Panels<T>& right,
                          int panel, const Output& out) {
  if constexpr (R > 0) {
    if (count == R) {
      multiply_tile<R, P>(left, row, right, panel, out);
    } else {
      multiply_rest<R - 1, P>(left, row, count, right, panel, out);
    }
  }
}

/// Multiplies all rows of a block by `P` panels.
template <int P, class E, class T>
inline void multiply_panels(const Left<E>& left, int begin, int end, const Panels<T>& right,
                            int panel, const Output& out) {
  int row = begin;
  for (; row + kTileRows <= end; row += kTileRows)
    multiply_tile<kTileRows, P>(left, row, right, panel, out);
  if (row < end) multiply_rest<kTileRows - 1, P>(left, row, end - row, right, panel, out);
}

/// Processes rows of the left operand in blocks that fit in the second-level cache.
template <class E, class T>
void multiply(const Left<E>& left, const Panels<T>& right, const Output& out) {
  constexpr int kBlockBytes = 192 * 1024;
  const int fitting = kBlockBytes / (static_cast<int>(sizeof(E)) * right.depth);
  const int block = std::max(1, fitting / kTileRows) * kTileRows;
  const int panels = right.rows / kPanelRows;
  for (int begin = 0; begin < left.count; begin += block) {
    const int end = std::min(left.count, begin + block);
    int panel = 0;
    for (; panel + kTilePanels <= panels; panel += kTilePanels)
      multiply_panels<kTilePanels>(left, begin, end, right, panel, out);
    for (; panel < panels; ++panel) multiply_panels<1>(left, begin, end, right, panel, out);
  }
}

void multiply_i8(const Activated& left, const Panels<int8_t>& right, const Output& out) {
  const auto* data = reinterpret_cast<const Activation*>(left.data);
  multiply(Left<Activation>{data, left.scales, left.zeros, left.count, left.stride}, right, out);
}

void multiply_i16(const Rows& left, const Panels<int16_t>& right, const Output& out) {
  multiply(Left<int16_t>{left.data, left.scales, nullptr, left.count, left.stride}, right, out);
}

void multiply_i16_i8(const Rows& left, const Panels<int8_t>& right, const Output& out) {
  multiply(Left<int16_t>{left.data, left.scales, nullptr, left.count, left.stride}, right, out);
}

float maximum(const float* in, int count) {
  constexpr int kLanes = 32;  // this many independent maxima hide the latency of each
  float lanes[kLanes];
  std::fill(lanes, lanes + kLanes, in[0]);
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      lanes[lane] = in[i + lane] > lanes[lane] ? in[i + lane] : lanes[lane];
    }
  }
  float best = *std::max_element(lanes, lanes + kLanes);
  for (; i < count; ++i) best = std::max(best, in[i]);
  return best;
}

float quantize(const float* in, int count, float limit, int16_t* out) {
  float peak = 0;
  for (int i = 0; i < count; ++i) peak = std::max(peak, std::fabs(in[i]));
  if (!(peak > kSmallestPeak)) {
    std::fill(out, out + count, int16_t{0});
    return 0;
  }
  const float factor = limit / peak;
  for (int i = 0; i < count; ++i) {
    const float value = in[i] * factor;
    out[i] = static_cast<int16_t>(static_cast<int32_t>(value + std::copysign(0.5f, value)));
  }
  return peak / limit;
}

inline void activate_as(const float* in, int count, int16_t* out, float& scale, int32_t& zero) {
  scale = quantize(in, count, product_limit(count, 127), out);
  zero = 0;
}

void activate(const float* in, int count, std::byte* out, float& scale, int32_t& zero) {
  activate_as(in, count, reinterpret_cast<Activation*>(out), scale, zero);
}

void layer_norm(const float* in, int count, const float* gamma, const float* beta, float* out) {
  float sum = 0;
  for (int i = 0; i < count; ++i) sum += in[i];
  const float mean = sum / count;
  float squares = 0;
  for (int i = 0; i < count; ++i) squares += (in[i] - mean) * (in[i] - mean);
  const float factor = 1.0f / std::sqrt(squares / count + 1e-5f);
  for (int i = 0; i < count; ++i) out[i] = (in[i] - mean) * factor * gamma[i] + beta[i];
}

void gelu(float* values, int count) {
  for (int i = 0; i < count; ++i) {
    values[i] = 0.5f * values[i] * (1.0f + error_function(values[i] * 0.70710678f));
  }
}

float softmax(float* in, int count, float value_limit, int16_t* out) {
  const float peak = maximum(in, count);
  float sum = 0;
  for (int i = 0; i < count; ++i) {
    in[i] = exponential(in[i] - peak);
    sum += in[i];
  }
  // Rounding can add half a unit to each of `count` terms.
  const float room = 2147483647.0f / value_limit - static_cast<float>(count);
  const float factor = std::min(32767.0f, room / sum);
  for (int i = 0; i < count; ++i)
    out[i] = static_cast<int16_t>(static_cast<int32_t>(in[i] * factor + 0.5f));
  return 1.0f / (factor * sum);
}

float dot(const float* a, const float* b, int count) {
  float sum = 0;
  for (int i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

void add_scaled(const float* in, float weight, int count, float* out) {
  for (int i = 0; i < count; ++i) out[i] += weight * in[i];
}

float sum_exp(const float* in, int count, float offset) {
  float sum = 0;
  for (int i = 0; i < count; ++i) sum += exponential(in[i] - offset);
  return sum;
}

constexpr Kernels kKernels = {STENO_KERNELS_NAME,
                              sizeof(Activation),
                              kGroup<Activation>,
                              multiply_i8,
                              multiply_i16,
                              multiply_i16_i8,
                              activate,
                              quantize,
                              layer_norm,
                              gelu,
                              softmax,
                              dot,
                              add_scaled,
                              maximum,
                              sum_exp};

}  // namespace
}  // namespace steno::asr::native
