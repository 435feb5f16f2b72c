// Elements of a model file's arrays: their size, their value as float32, their int8 form.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "models/model_file.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace steno::models {
namespace {

/// Converts IEEE 754 half precision to single, for machines without an instruction for it.
float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000u) << 16;
  const std::uint32_t rest = half & 0x7fffu;
  if (rest >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (rest & 0x3ffu) << 13);
  // The multiplication rebases the exponent, and also normalises subnormal numbers.
  const float scaled = std::bit_cast<float>(rest << 13) * 0x1p112f;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(scaled));
}

#ifdef __x86_64__
/// Converts a multiple of 8 elements and returns their number.
__attribute__((target("avx,f16c"))) std::int64_t halves_by_eight(const std::byte* in,
                                                                 std::int64_t count, float* out) {
  std::int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in + 2 * i));
    _mm256_storeu_ps(out + i, _mm256_cvtph_ps(halves));
  }
  return i;
}
#else
std::int64_t halves_by_eight(const std::byte*, std::int64_t, float*) { return 0; }
#endif

bool has_half_instructions() {
#ifdef __x86_64__
  return __builtin_cpu_supports("avx2");  // every processor with AVX2 has F16C
#else
  return false;
#endif
}

template <class T, class Convert>
void convert(const std::byte* in, std::int64_t first, std::int64_t count, float* out,
             Convert to_value) {
  for (std::int64_t i = first; i < count; ++i) {
    T value;
    std::memcpy(&value, in + i * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
    out[i] = to_value(value);
  }
}

constexpr auto kCast = [](auto value) { return static_cast<float>(value); };
constexpr std::int64_t kBlock = 16;  // a loop of fixed length, so that the compiler vectorises it

float largest_magnitude(const float* row, std::int64_t count) {
  std::array<float, kBlock> largest{};
  std::int64_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    for (std::int64_t k = 0; k < kBlock; ++k) {
      const float magnitude = std::fabs(row[i + k]);
      largest[k] = largest[k] < magnitude ? magnitude : largest[k];
    }
  }
  float result = *std::max_element(largest.begin(), largest.end());
  for (; i < count; ++i) result = std::max(result, std::fabs(row[i]));
  return result;
}

/// The nearest integer, ties to even, of a value far below 2^22.
float round_to_nearest(float value) {
  constexpr float kShift = 12582912.0f;  // 1.5 * 2^23: adding it removes the fraction
  return (value + kShift) - kShift;
}

std::int8_t quantize(float value, float scale, Rounding rounding) {
  float scaled = value * scale;
  scaled = scaled > -127.0f ? scaled : -127.0f;  // also handles values that are not numbers
  scaled = scaled < 127.0f ? scaled : 127.0f;
  if (rounding == Rounding::nearest) scaled = round_to_nearest(scaled);
  return static_cast<std::int8_t>(static_cast<int>(scaled));
}

}  // namespace

std::size_t item_size(DataType type) {
  switch (type) {
    case DataType::int8:
      return 1;
    case DataType::int16:
    case DataType::float16:
    case DataType::bfloat16:
      return 2;
    case DataType::float32:
    case DataType::int32:
      break;
  }
  return 4;
}

std::int64_t Tensor::size() const {
  std::int64_t product = 1;
  for (const std::int64_t dimension : shape) product *= dimension;
  return product;
}

std::int64_t Tensor::rows() const { return shape.empty() ? 1 : shape.front(); }

void to_float(const Tensor& tensor, std::int64_t first, std::int64_t count, float* out) {
  const std::byte* in = tensor.bytes.data() + first * item_size(tensor.type);
  switch (tensor.type) {
    case DataType::float32:
      std::memcpy(out, in, static_cast<std::size_t>(count) * sizeof(float));
      return;
    case DataType::float16: {
      const std::int64_t done = has_half_instructions() ? halves_by_eight(in, count, out) : 0;
      return convert<std::uint16_t>(in, done, count, out, half_to_float);
    }
    case DataType::bfloat16:
      return convert<std::uint16_t>(in, 0, count, out, [](std::uint16_t bits) {
        return std::bit_cast<float>(std::uint32_t{bits} << 16);
      });
    case DataType::int8:
      return convert<std::int8_t>(in, 0, count, out, kCast);
    case DataType::int16:
      return convert<std::int16_t>(in, 0, count, out, kCast);
    case DataType::int32:
      return convert<std::int32_t>(in, 0, count, out, kCast);
  }
}

std::vector<float> to_float(const Tensor& tensor) {
  std::vector<float> values(static_cast<std::size_t>(tensor.size()));
  to_float(tensor, 0, tensor.size(), values.data());
  return values;
}

std::vector<float> dequantised(const ModelFile& file, const Tensor& tensor) {
  std::vector<float> values = to_float(tensor);
  if (tensor.is_float()) return values;
  const Tensor* const saved = file.find(tensor.name + "_scale");
  const std::vector<float> scales = saved ? to_float(*saved) : std::vector<float>{kOldInt16Scale};
  if (!saved && tensor.type != DataType::int16) return values;
  const std::int64_t row_size = tensor.size() / static_cast<std::int64_t>(scales.size());
  for (std::size_t row = 0; row < scales.size(); ++row) {
    const float inverse = 1.0f / scales[row];
    float* const first = values.data() + static_cast<std::int64_t>(row) * row_size;
    for (std::int64_t i = 0; i < row_size; ++i) first[i] *= inverse;
  }
  return values;
}

Rounding rounding_of(const ModelFile& file) {
  return file.version() >= 5 ? Rounding::nearest : Rounding::toward_zero;
}

float quantize_row(const float* row, std::int64_t count, Rounding rounding, std::int8_t* out) {
  const float largest = largest_magnitude(row, count);
  // The scale must stay finite for rows of tiny values.
  const float smallest = 127.0f / std::numeric_limits<float>::max();
  const float scale = largest > 0.0f ? 127.0f / std::max(largest, smallest) : 1.0f;
  std::int64_t i = 0;
  for (; i + kBlock <= count; i += kBlock) {
    for (std::int64_t k = 0; k < kBlock; ++k) out[i + k] = quantize(row[i + k], scale, rounding);
  }
  for (; i < count; ++i) out[i] = quantize(row[i], scale, rounding);
  return scale;
}

bool is_quantized_in_int8(const Tensor& tensor) {
  return tensor.shape.size() == 2 && tensor.name.ends_with("weight") &&
         tensor.name.find("conv") == std::string::npos;
}

}  // namespace steno::models
