#include "pipeline/asr/native/weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "unit/models/model_bytes.h"
#include "unit/pipeline/asr/small_model.h"

namespace steno::asr::native {
namespace {

using models::DataType;
using models::ModelBytes;
using models::ModelFile;
using ::testing::HasSubstr;

constexpr SmallModel kTiny = {4, 32, 2, 48, 1, 40, 8, 6};

Result<std::unique_ptr<const Weights>> load(const std::string& bytes) {
  const auto file = ModelFile::parse(std::as_bytes(std::span(bytes)), "m");
  if (!file) throw std::runtime_error(file.error().message);
  return load_weights(**file, best_kernels());
}

std::string refusal(const SmallModel& model) {
  const auto weights = load(small_model_bytes(model));
  if (weights) return "accepted";
  EXPECT_EQ(weights.error().code, Errc::bad_model);
  EXPECT_THAT(weights.error().message, ::testing::StartsWith("m: not a Whisper model: "));
  return weights.error().message;
}

TEST(Weights, ReadsTheSizes) {
  const auto weights = load(small_model_bytes(kTiny));
  ASSERT_TRUE(weights) << weights.error().message;
  EXPECT_EQ((*weights)->mels, 4);
  EXPECT_EQ((*weights)->width, 32);
  EXPECT_EQ((*weights)->inner, 48);
  EXPECT_EQ((*weights)->vocabulary, 40);
  EXPECT_EQ((*weights)->text_positions, 6);
}

TEST(Weights, RefusesSizesThatTheKernelsCannotTake) {
  SmallModel model = kTiny;
  model.inner = 41;
  EXPECT_THAT(refusal(model), HasSubstr("dimension of 41, which is no multiple of 16"));
  model = kTiny;
  model.width = 40;
  EXPECT_THAT(refusal(model), HasSubstr("dimension of 40, which is no multiple of 16"));
  model = kTiny;
  model.mels = 3;
  EXPECT_THAT(refusal(model), HasSubstr("dimension of 3, which is no multiple of 2"));
  for (const int heads : {0, -1, 4, 3}) {
    model = kTiny;
    model.heads = heads;
    EXPECT_NE(refusal(model), "accepted") << heads;
  }
}

/// The tiny model with its feed-forward matrix in another format.
std::string with_matrix(DataType type, float scale) {
  const std::string name = "decoder/layer_0/ffn/linear_1/weight";
  const std::string bytes = small_model_bytes(kTiny);
  const auto file = ModelFile::parse(std::as_bytes(std::span(bytes)), "m");
  ModelBytes out;
  out.header(6, static_cast<std::uint32_t>((*file)->tensors().size()) + (scale != 0 ? 1 : 0));
  for (const auto& tensor : (*file)->tensors()) {
    const std::vector<std::uint32_t> shape(tensor.shape.begin(), tensor.shape.end());
    const auto values = models::to_float(tensor);
    if (tensor.name == name && type == DataType::int16) {
      std::vector<std::int16_t> integers;
      for (const float value : values) {
        integers.push_back(
            static_cast<std::int16_t>(std::lround(value * (scale == 0 ? 1000 : scale))));
      }
      out.array(tensor.name, shape, type, integers);
    } else if (tensor.name == name && type == DataType::int32) {
      out.array(tensor.name, shape, type, std::vector<std::int32_t>(values.size(), 1));
    } else {
      out.array(tensor.name, shape, DataType::float32, values);
    }
  }
  if (scale != 0) out.array<float>(name + "_scale", {}, DataType::float32, {scale});
  out.add(std::uint32_t{1}).name("decoder/projection/weight").name("decoder/embeddings/weight");
  return out.text();
}

std::vector<float> row_of(const PackedMatrix<int8_t>& matrix, int row) {
  std::vector<float> values(static_cast<size_t>(matrix.depth()));
  matrix.add_row(row, values.data());
  return values;
}

TEST(Weights, ReadsInt16WithAndWithoutItsScale) {
  const auto expected = load(small_model_bytes(kTiny));
  ASSERT_TRUE(expected);
  for (const float scale : {4096.0f, 0.0f}) {
    const auto weights = load(with_matrix(DataType::int16, scale));
    ASSERT_TRUE(weights) << weights.error().message;
    for (const int row : {0, 7, 31}) {
      const auto right = row_of((*expected)->decoder[0].feed_forward.outer, row);
      const auto read = row_of((*weights)->decoder[0].feed_forward.outer, row);
      for (size_t i = 0; i < right.size(); ++i) EXPECT_NEAR(read[i], right[i], 4e-3) << row;
    }
  }
}

TEST(Weights, RefusesTypesThatWeightsNeverHave) {
  const auto weights = load(with_matrix(DataType::int32, 0));
  ASSERT_FALSE(weights);
  EXPECT_THAT(weights.error().message,
              HasSubstr("linear_1/weight is of a type that weights never"));
}

TEST(Weights, RefusesWhatIsNotANumber) {
  std::string bytes = small_model_bytes(kTiny);
  const std::string name = "encoder/conv1/weight";
  const float none = std::nanf("");
  // After the name: a zero, the rank, three dimensions, the type and the length.
  bytes.replace(bytes.find(name) + name.size() + 1 + 1 + 12 + 1 + 4, sizeof(none),
                reinterpret_cast<const char*>(&none), sizeof(none));
  const auto weights = load(bytes);
  ASSERT_FALSE(weights);
  EXPECT_THAT(weights.error().message,
              HasSubstr("conv1/weight contains values that are not numbers"));
}

}  // namespace
}  // namespace steno::asr::native
