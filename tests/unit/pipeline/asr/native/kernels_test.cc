#include "pipeline/asr/native/kernels.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <random>
#include <vector>

#include "pipeline/asr/native/packed.h"

namespace steno::asr::native {
namespace {

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> sets;
  for (const Kernels* set : {portable_kernels(), avx2_kernels(), avx512_kernels()}) {
    if (set) sets.push_back(set);
  }
  return sets;
}

std::vector<float> random_floats(size_t count, unsigned seed, float spread = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, spread);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

/// Every instruction set of this processor must give the results of plain arithmetic.
class KernelsTest : public testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels() const { return *GetParam(); }
};

/// Random integers within +-limit; the first row is all `limit`.
template <class T>
std::vector<std::vector<T>> random_rows(int rows, int depth, int limit, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> values(-limit, limit);
  std::vector<std::vector<T>> all(rows, std::vector<T>(depth));
  for (auto& row : all) {
    for (T& value : row) value = static_cast<T>(values(random));
  }
  std::fill(all[0].begin(), all[0].end(), static_cast<T>(limit));
  return all;
}

/// Compares a product of `left` with `rows` rows of depth `depth` to plain arithmetic. Row m of the
/// left operand has the values `left_scale(m)` * `left_value(m, k)`.
template <class T, class Multiply, class Scale, class Value>
void check_product(const Multiply& multiply, int count, const std::vector<std::vector<T>>& right,
                   int group, const Scale& left_scale, const Value& left_value) {
  const int rows = static_cast<int>(right.size());
  const int depth = static_cast<int>(right[0].size());
  PackedMatrix<T> packed(rows, depth, group);
  for (int n = 0; n < rows; ++n) packed.set_row(n, right[n].data(), 0.5f + static_cast<float>(n));
  const std::vector<float> bias = random_floats(rows, 3);
  packed.set_bias(bias);
  const int stride = packed.padded_rows();
  std::vector<float> out(static_cast<size_t>(count) * stride, 1.0f);
  multiply(packed.view(), Output{out.data(), stride, packed.bias(), true});
  for (int m = 0; m < count; ++m) {
    for (int n = 0; n < rows; ++n) {
      int64_t sum = 0;
      for (int k = 0; k < depth; ++k) sum += int64_t{left_value(m, k)} * right[n][k];
      ASSERT_LE(std::abs(sum), 2147483647);
      const double expected = 1.0 + bias[n] + static_cast<double>(sum) * left_scale(m) * (0.5 + n);
      const double got = out[static_cast<size_t>(m) * stride + n];
      ASSERT_NEAR(got, expected, 1e-5 * std::abs(expected) + 1e-3) << m << "," << n;
    }
  }
}

/// A product of int16 with T up to `limit`, by multiply_i16 or multiply_i16_i8.
template <class T>
void check_i16(void (*multiply)(const Rows&, const Panels<T>&, const Output&), int limit, int count,
               int rows, int depth) {
  const auto left =
      random_rows<int16_t>(count, depth, static_cast<int>(product_limit(depth, limit)), 7);
  std::vector<int16_t> flat;
  for (const auto& row : left) flat.insert(flat.end(), row.begin(), row.end());
  const std::vector<float> scales(count, 0.25f);
  check_product(
      [&](const Panels<T>& right, const Output& out) {
        multiply({flat.data(), scales.data(), count, depth}, right, out);
      },
      count, random_rows<T>(rows, depth, limit, 8), 2, [](int) { return 0.25; },
      [&](int m, int k) { return left[m][k]; });
}

/// Rows of float activations as a set of kernels has them.
struct ActivatedRows {
  ActivatedRows(const Kernels& kernels, const std::vector<float>& in, int count)
      : bytes(kernels.activation_bytes), depth(static_cast<int>(in.size()) / count) {
    data.resize(in.size() * bytes);
    scales.resize(count);
    zeros.resize(count);
    for (int m = 0; m < count; ++m) {
      kernels.activate(in.data() + static_cast<size_t>(m) * depth, depth,
                       data.data() + static_cast<size_t>(m) * depth * bytes, scales[m], zeros[m]);
    }
  }
  int value(int m, int k) const {
    const std::byte* at = data.data() + (static_cast<size_t>(m) * depth + k) * bytes;
    if (bytes == 1) return std::to_integer<int>(*at) - zeros[m];
    int16_t integer;
    std::memcpy(&integer, at, sizeof integer);
    return integer;
  }
  Activated view() const {
    return {data.data(), scales.data(), zeros.data(), static_cast<int>(scales.size()), depth};
  }

  int bytes;
  int depth;
  std::vector<std::byte> data;
  std::vector<float> scales;
  std::vector<int32_t> zeros;
};

void check_i8(const Kernels& kernels, int count, int rows, int depth) {
  auto in = random_floats(static_cast<size_t>(count) * depth, 7);
  std::fill(in.begin(), in.begin() + depth, 3.0f);  // the largest integers
  const ActivatedRows left(kernels, in, count);
  check_product([&](const Panels<int8_t>& right,
                    const Output& out) { kernels.multiply_i8(left.view(), right, out); },
                count, random_rows<int8_t>(rows, depth, 127, 8), kernels.weight_group,
                [&](int m) { return double{left.scales[m]}; },
                [&](int m, int k) { return left.value(m, k); });
}

TEST_P(KernelsTest, ProductsAreExactForEveryShapeOfTile) {
  for (int count = 1; count <= 26; ++count) {
    check_i8(kernels(), count, 48, 64);
    check_i16(kernels().multiply_i16, 4095, count, 33, 64);
    check_i16(kernels().multiply_i16_i8, 127, count, 33, 64);
  }
  check_i8(kernels(), 5, 17, 4);
  check_i8(kernels(), 300, 96, 2048);
  check_i16(kernels().multiply_i16, 4095, 7, 64, 1500);
  check_i16(kernels().multiply_i16_i8, 127, 7, 64, 1500);
}

TEST_P(KernelsTest, ActivationsKeepTheirRangeAndTheirZero) {
  auto in = random_floats(515, 1);
  in[7] = 0;
  auto positive = in;
  for (float& value : positive) value = std::abs(value);
  const std::vector<float> zeros(515, 0.0f);
  for (const auto& row : {in, positive, zeros}) {
    const ActivatedRows activated(kernels(), row, 1);
    for (int k = 0; k < 515; ++k) {
      EXPECT_NEAR(activated.value(0, k) * activated.scales[0], row[k],
                  1.01f * activated.scales[0] * 0.5f + 1e-6f);
    }
    EXPECT_EQ(activated.value(0, 7), 0);
  }
}

TEST_P(KernelsTest, QuantizeKeepsSignAndPeak) {
  const std::vector<float> in = random_floats(515, 1);
  std::vector<int16_t> out(in.size());
  const float scale = kernels().quantize(in.data(), 515, 4095, out.data());
  int peak = 0;
  for (size_t i = 0; i < in.size(); ++i) {
    EXPECT_NEAR(out[i] * scale, in[i], 0.51f * scale);
    peak = std::max(peak, std::abs(int{out[i]}));
  }
  EXPECT_EQ(peak, 4095);
  for (const float nothing : {0.0f, 1e-40f, -1e-37f}) {
    const std::vector<float> zeros(16, nothing);
    EXPECT_EQ(kernels().quantize(zeros.data(), 16, 4095, out.data()), 0.0f);
    EXPECT_TRUE(std::all_of(out.begin(), out.begin() + 16, [](int16_t v) { return v == 0; }));
  }
}

TEST_P(KernelsTest, LayerNormGeluAndReductionsMatchTheirFormulas) {
  std::vector<float> in = random_floats(512, 2, 3);
  const std::vector<float> gamma = random_floats(512, 3);
  const std::vector<float> beta = random_floats(512, 4);
  std::vector<float> out(512);
  kernels().layer_norm(in.data(), 512, gamma.data(), beta.data(), out.data());
  double mean = 0;
  double variance = 0;
  for (const float value : in) mean += value / 512.0;
  for (const float value : in) variance += (value - mean) * (value - mean) / 512.0;
  for (int i = 0; i < 512; ++i) {
    EXPECT_NEAR(out[i], (in[i] - mean) / std::sqrt(variance + 1e-5) * gamma[i] + beta[i], 1e-4);
  }
  std::vector<float> activated = in;
  kernels().gelu(activated.data(), 512);
  for (int i = 0; i < 512; ++i) {
    EXPECT_NEAR(activated[i], 0.5 * in[i] * (1 + std::erf(in[i] / std::sqrt(2.0))), 2e-6);
  }
  EXPECT_EQ(kernels().maximum(in.data(), 512), *std::max_element(in.begin(), in.end()));
  double sum = 0;
  for (const float value : in) sum += std::exp(double{value} - 1);
  EXPECT_NEAR(kernels().sum_exp(in.data(), 512, 1), sum, 1e-5 * sum);
  double dot = 0;
  for (int i = 0; i < 512; ++i) dot += double{in[i]} * gamma[i];
  EXPECT_NEAR(kernels().dot(in.data(), gamma.data(), 512), dot, 1e-3);
}

TEST_P(KernelsTest, SoftmaxSumsToOneForPeakedAndFlatRows) {
  for (const float spread : {0.0f, 0.1f, 5.0f, 60.0f}) {
    std::vector<float> in = random_floats(1499, 5, spread);
    std::vector<double> expected(in.size());
    const float peak = *std::max_element(in.begin(), in.end());
    double total = 0;
    for (const float value : in) total += std::exp(double{value} - peak);
    for (size_t i = 0; i < in.size(); ++i) expected[i] = std::exp(double{in[i]} - peak) / total;
    std::vector<int16_t> out(in.size());
    const float scale = kernels().softmax(in.data(), 1499, 4095, out.data());
    double sum = 0;
    int64_t integers = 0;
    for (size_t i = 0; i < in.size(); ++i) {
      EXPECT_NEAR(out[i] * scale, expected[i], 0.51 * scale);
      sum += out[i] * scale;
      integers += out[i];
    }
    EXPECT_NEAR(sum, 1, 5e-3);
    EXPECT_LE(integers * int64_t{4095}, 2147483647);
  }
}

/// Memory that ends at an unreadable page.
template <class T>
class Guarded {
 public:
  explicit Guarded(const std::vector<T>& values) : bytes_(values.size() * sizeof(T)) {
    const size_t page = sysconf(_SC_PAGESIZE);
    mapped_ = (bytes_ + page - 1) / page * page;
    start_ = static_cast<std::byte*>(
        mmap(nullptr, mapped_ + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(start_ + mapped_, page, PROT_NONE);
    std::memcpy(start_ + mapped_ - bytes_, values.data(), bytes_);
  }
  ~Guarded() { munmap(start_, mapped_ + sysconf(_SC_PAGESIZE)); }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  T* data() const { return reinterpret_cast<T*>(start_ + mapped_ - bytes_); }

 private:
  size_t bytes_;
  size_t mapped_;
  std::byte* start_;
};

/// Rows may be further apart than their length, and the last one may end at an unreadable page.
TEST_P(KernelsTest, ProductsReadNothingBehindTheirRows) {
  constexpr int kRows = 32;
  for (const int depth : {2, 16, 30, 64}) {
    for (int count = 1; count <= 9; ++count) {
      for (const int stride : {depth, 2 * depth}) {
        const size_t size = static_cast<size_t>(count - 1) * stride + depth;
        const Guarded<int16_t> left(std::vector<int16_t>(size, 3));
        const Guarded<float> scales(std::vector<float>(count, 1.0f));
        const Guarded<int16_t> weights(std::vector<int16_t>(size_t{kRows} * depth, 2));
        const Guarded<int8_t> bytes(std::vector<int8_t>(size_t{kRows} * depth, 2));
        const Guarded<float> right_scales(std::vector<float>(kRows, 1.0f));
        const Guarded<float> out(std::vector<float>(static_cast<size_t>(count) * kRows));
        const Rows rows = {left.data(), scales.data(), count, stride};
        const Output to = {out.data(), kRows, nullptr, false};
        kernels().multiply_i16(rows, {weights.data(), right_scales.data(), nullptr, kRows, depth},
                               to);
        EXPECT_EQ(out.data()[count * kRows - 1], 6.0f * static_cast<float>(depth));
        kernels().multiply_i16_i8(rows, {bytes.data(), right_scales.data(), nullptr, kRows, depth},
                                  to);
        EXPECT_EQ(out.data()[count * kRows - 1], 6.0f * static_cast<float>(depth));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, KernelsTest, testing::ValuesIn(all_kernels()),
                         [](const auto& info) { return std::string(info.param->name); });

TEST(HeadCache, AttendsAsFloatArithmeticDoes) {
  const int width = 64;
  const int positions = 77;
  const std::vector<float> keys = random_floats(positions * width, 11);
  const std::vector<float> values = random_floats(positions * width, 12);
  const std::vector<float> queries = random_floats(30 * width, 13);
  for (const Kernels* kernels : all_kernels()) {
    HeadCache cache;
    cache.pack(*kernels, keys.data(), values.data(), width, positions, width);
    ActivatedRows activated(*kernels, queries, 30);
    for (float& scale : activated.scales) scale *= 0.125f;
    std::vector<float> out(30 * width);
    cache.attend(*kernels, activated.view(), out.data(), width);
    for (int r = 0; r < 30; ++r) {
      std::vector<double> weights(positions);
      double total = 0;
      for (int t = 0; t < positions; ++t) {
        double dot = 0;
        for (int k = 0; k < width; ++k) {
          dot += double{queries[r * width + k]} * keys[t * width + k];
        }
        total += weights[t] = std::exp(dot * 0.125);
      }
      for (int k = 0; k < width; ++k) {
        double expected = 0;
        for (int t = 0; t < positions; ++t) expected += weights[t] / total * values[t * width + k];
        EXPECT_NEAR(out[r * width + k], expected, 0.03) << kernels->name;
      }
    }
  }
}

}  // namespace
}  // namespace steno::asr::native
