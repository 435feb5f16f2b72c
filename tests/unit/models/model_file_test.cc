#include "models/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "unit/models/model_bytes.h"

namespace steno::models {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Bytes = ModelBytes;

/// An embedding of 2 x 3, a convolution of 1 x 1 x 2, a bias, a scalar and an alias.
Bytes small_model() {
  Bytes bytes;
  bytes.header(6, 4)
      .array<std::uint16_t>("decoder/embeddings/weight", {2, 3}, DataType::float16,
                            {kHalfOne, kHalfMinusTwo, kHalfHalf, 0, 0, 0})
      .array<std::uint16_t>("encoder/conv1/weight", {1, 1, 2}, DataType::float16,
                            {kHalfOne, kHalfHalf})
      .array<std::uint16_t>("encoder/layer_0/bias", {2}, DataType::float16, {kHalfOne, kHalfHalf})
      .array<std::int16_t>("encoder/num_heads", {}, DataType::int16, {8});
  bytes.add(std::uint32_t{1}).name("decoder/projection/weight").name("decoder/embeddings/weight");
  return bytes;
}

std::shared_ptr<const ModelFile> parse(const Bytes& bytes) {
  auto file = ModelFile::parse(bytes.span(), "m");
  EXPECT_TRUE(file.has_value()) << (file ? "" : file.error().message);
  return file ? *file : nullptr;
}

std::string error_of(const Bytes& bytes) {
  const auto file = ModelFile::parse(bytes.span(), "/models/x/model.bin");
  EXPECT_FALSE(file.has_value());
  if (file) return "";
  EXPECT_EQ(file.error().code, Errc::bad_model);
  EXPECT_THAT(file.error().message, HasSubstr("/models/x/model.bin: "));
  return file.error().message;
}

class ModelFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("steno_model_file_test." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::filesystem::path folder_;
};

TEST_F(ModelFileTest, ReadsArraysAndAliases) {
  const Bytes bytes = small_model();
  const auto file = parse(bytes);
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(file->version(), 6);
  EXPECT_EQ(file->spec(), "WhisperSpec");
  EXPECT_EQ(file->spec_revision(), 3);
  ASSERT_EQ(file->tensors().size(), 4u);
  const Tensor* const weight = file->find("decoder/embeddings/weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_THAT(weight->shape, ElementsAre(2, 3));
  EXPECT_EQ(weight->type, DataType::float16);
  EXPECT_THAT(to_float(*weight), ElementsAre(1, -2, 0.5, 0, 0, 0));
  EXPECT_EQ(file->find("decoder/projection/weight"), weight);
  EXPECT_EQ(file->find("decoder/projection/weight_scale"), nullptr);
  EXPECT_EQ(file->find("nothing"), nullptr);
  EXPECT_TRUE(file->find("encoder/num_heads")->is_scalar());
  EXPECT_THAT(to_float(*file->find("encoder/num_heads")), ElementsAre(8));
}

TEST_F(ModelFileTest, ReadsEveryVersion) {
  for (std::uint32_t version = 1; version <= 6; ++version) {
    Bytes bytes;
    bytes.header(version, 1).name("a").add(std::uint8_t{1}).add(std::uint32_t{2});
    const bool typed = version >= 4;  // older files hold an element's width and a count
    bytes.add(std::uint8_t(typed ? 0 : 4)).add(std::uint32_t(typed ? 8 : 2));
    bytes.add(1.5f).add(-2.0f);
    if (version >= 3) bytes.add(std::uint32_t{0});
    const auto file = parse(bytes);
    ASSERT_NE(file, nullptr) << version;
    EXPECT_EQ(file->version(), static_cast<int>(version));
    EXPECT_THAT(to_float(file->tensors()[0]), ElementsAre(1.5, -2)) << version;
  }
}

TEST_F(ModelFileTest, RefusesEveryCut) {
  const Bytes whole = small_model();
  for (std::size_t length = 0; length < whole.text().size(); ++length) {
    // A copy of the exact size, so that a sanitizer detects reads after the end.
    const std::vector<std::byte> cut(whole.span().begin(), whole.span().begin() + length);
    const auto file = ModelFile::parse(cut, "m");
    ASSERT_FALSE(file.has_value()) << length;
    EXPECT_THAT(file.error().message, HasSubstr("cut off")) << length;
  }
}

TEST_F(ModelFileTest, SurvivesEveryFlippedBit) {
  const Bytes whole = small_model();
  for (std::size_t bit = 0; bit < whole.text().size() * 8; ++bit) {
    std::vector<std::byte> damaged(whole.span().begin(), whole.span().end());
    damaged[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    const auto file = ModelFile::parse(damaged, "m");
    if (!file) continue;
    for (const Tensor& tensor : (*file)->tensors()) {
      EXPECT_EQ(to_float(tensor).size(), static_cast<std::size_t>(tensor.size()));
    }
  }
}

TEST_F(ModelFileTest, SaysWhatIsWrong) {
  EXPECT_THAT(error_of(Bytes().add(std::uint32_t{7})), HasSubstr("binary version 1 to 6"));
  EXPECT_THAT(error_of(Bytes().header(6, 0xffffffff)), HasSubstr("does not fit"));
  EXPECT_THAT(error_of(Bytes().header(6, 1).array<float>("a", {0}, DataType::float32, {})),
              HasSubstr("does not match its shape"));
  EXPECT_THAT(error_of(Bytes().header(6, 1).array<float>("a", {0xffffffff, 0xffffffff, 0xffffffff},
                                                         DataType::float32, {1})),
              HasSubstr("does not match its shape"));
  EXPECT_THAT(
      error_of(Bytes().header(6, 1).array<float>("a\n", {1}, static_cast<DataType>(6), {1})),
      HasSubstr("array a? is of unknown type 6"));
  EXPECT_THAT(error_of(Bytes().header(6, 0).add(std::uint32_t{1}).name("b").name("c")),
              HasSubstr("alias b stands for c"));
}

TEST_F(ModelFileTest, SaysWhyAFileCannotBeOpened) {
  const auto missing = ModelFile::open(path("none.bin"));
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, Errc::not_found);
  EXPECT_THAT(missing.error().message, HasSubstr("none.bin"));
  const auto folder = ModelFile::open(folder_.string());
  ASSERT_FALSE(folder.has_value());
  EXPECT_EQ(folder.error().code, Errc::bad_model);
  std::ofstream(path("empty.bin"));
  const auto empty = ModelFile::open(path("empty.bin"));
  ASSERT_FALSE(empty.has_value());
  EXPECT_THAT(empty.error().message, HasSubstr("empty.bin: the file is empty"));
}

TEST_F(ModelFileTest, ConvertsEveryHalf) {
  std::vector<std::uint16_t> halves(65536);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<std::uint16_t>(i);
  Tensor tensor;
  tensor.type = DataType::float16;
  tensor.shape = {65536};
  tensor.bytes = std::as_bytes(std::span(halves));
  const auto values = to_float(tensor);
  for (std::uint32_t i = 0; i < halves.size(); ++i) {
    const double sign = (i & 0x8000) ? -1 : 1;
    const int exponent = static_cast<int>((i >> 10) & 31);
    const double fraction = i & 1023;
    if (exponent == 31) {
      EXPECT_FALSE(std::isfinite(values[i])) << i;
      continue;
    }
    const double value =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
    ASSERT_EQ(values[i], static_cast<float>(sign * value)) << i;
    float one = 0;  // single elements use the code without vector instructions
    to_float(tensor, i, 1, &one);
    ASSERT_EQ(one, values[i]) << i;
  }
}

TEST_F(ModelFileTest, QuantisesRows) {
  std::vector<float> row(35, 0.0f);
  row[0] = 2.0f;
  row[1] = -1.0f;
  row[17] = 0.5f * 2 / 127;  // half of a step rounds to even
  row[18] = 1.5f * 2 / 127;
  row[34] = -2.0f;
  std::vector<std::int8_t> out(row.size(), 99);
  EXPECT_FLOAT_EQ(quantize_row(row.data(), 35, Rounding::nearest, out.data()), 63.5f);
  EXPECT_EQ(out[0], 127);
  EXPECT_EQ(out[1], -64);  // -63.5
  EXPECT_EQ(out[2], 0);
  EXPECT_EQ(out[17], 0);
  EXPECT_EQ(out[18], 2);
  EXPECT_EQ(out[34], -127);
  quantize_row(row.data(), 35, Rounding::toward_zero, out.data());
  EXPECT_EQ(out[1], -63);
  EXPECT_EQ(out[18], 1);

  std::vector<float> odd(20, 0.0f);
  EXPECT_EQ(quantize_row(odd.data(), 20, Rounding::nearest, out.data()), 1.0f);
  odd = {1e-44f, INFINITY, NAN, -INFINITY};
  EXPECT_TRUE(std::isfinite(quantize_row(odd.data(), 1, Rounding::nearest, out.data())));
  quantize_row(odd.data(), 4, Rounding::nearest, out.data());
}

TEST_F(ModelFileTest, WritesInt8) {
  const Bytes bytes = small_model();
  const auto original = parse(bytes);
  ASSERT_TRUE(write_int8(*original, path("model.int8.bin")).has_value());
  const auto written = ModelFile::open(path("model.int8.bin"));
  ASSERT_TRUE(written.has_value()) << written.error().message;
  const ModelFile& file = **written;
  EXPECT_EQ(file.version(), 6);
  EXPECT_TRUE(has_int8_weights(file));
  EXPECT_FALSE(has_int8_weights(*original));
  EXPECT_EQ(file.spec(), "WhisperSpec");
  EXPECT_EQ(file.spec_revision(), 3);
  const Tensor* const weight = file.find("decoder/projection/weight");
  ASSERT_NE(weight, nullptr);
  EXPECT_EQ(weight->type, DataType::int8);
  EXPECT_THAT(to_float(*weight), ElementsAre(64, -127, 32, 0, 0, 0));
  const Tensor* const scale = file.find("decoder/projection/weight_scale");
  ASSERT_NE(scale, nullptr);
  EXPECT_THAT(scale->shape, ElementsAre(2));
  EXPECT_THAT(to_float(*scale), ElementsAre(63.5, 1));
  EXPECT_EQ(file.find("encoder/conv1/weight")->type, DataType::float32);
  EXPECT_EQ(file.find("encoder/layer_0/bias")->type, DataType::float32);
  EXPECT_THAT(to_float(*file.find("encoder/layer_0/bias")), ElementsAre(1, 0.5));
  EXPECT_EQ(file.find("encoder/num_heads")->type, DataType::int16);
  EXPECT_FALSE(std::filesystem::exists(path("model.int8.bin.part")));

  // A file with int8 weights is not changed, except for the digest of its original at the end.
  ASSERT_TRUE(write_int8(file, path("again.bin")).has_value());
  const auto content = [&](const char* name) {
    std::ifstream stream(path(name), std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(stream), {});
    return text.substr(0, text.size() - 16);
  };
  EXPECT_EQ(content("model.int8.bin"), content("again.bin"));
}

TEST_F(ModelFileTest, WritesInt8FromOtherQuantisations) {
  Bytes bytes;
  bytes.header(6, 5)
      .array<std::int16_t>("a/weight", {1, 2}, DataType::int16, {512, -1024})
      .array<float>("a/weight_scale", {}, DataType::float32, {512})
      .array<std::int16_t>("b/weight", {1, 2}, DataType::int16, {500, -1000})
      .array<std::int8_t>("conv/weight", {2, 1, 2}, DataType::int8, {4, 8, 1, 2})
      .array<float>("conv/weight_scale", {2}, DataType::float32, {4, 2})
      .add(std::uint32_t{0});
  ASSERT_TRUE(write_int8(*parse(bytes), path("model.int8.bin")).has_value());
  const auto written = ModelFile::open(path("model.int8.bin"));
  ASSERT_TRUE(written.has_value()) << written.error().message;
  EXPECT_THAT(to_float(*(*written)->find("a/weight")), ElementsAre(64, -127));
  EXPECT_THAT(to_float(*(*written)->find("a/weight_scale")), ElementsAre(63.5));
  EXPECT_THAT(to_float(*(*written)->find("b/weight")), ElementsAre(64, -127));
  EXPECT_THAT(to_float(*(*written)->find("conv/weight")), ElementsAre(1, 2, 0.5, 1));
  EXPECT_EQ((*written)->find("conv/weight_scale"), nullptr);
}

TEST_F(ModelFileTest, RefusesInt8WithoutScales) {
  Bytes bytes;
  bytes.header(6, 1)
      .array<std::int8_t>("a/weight", {1, 2}, DataType::int8, {1, 2})
      .add(std::uint32_t{0});
  const auto result = write_int8(*parse(bytes), path("model.int8.bin"));
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("a/weight has no scales"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(ModelFileTest, RefusesWeightsOfATypeTheyNeverHave) {
  Bytes bytes;
  bytes.header(6, 2)
      .array<std::int32_t>("a/weight", {1, 2}, DataType::int32, {1, 2})
      .array<float>("a/weight_scale", {}, DataType::float32, {2})
      .add(std::uint32_t{0});
  const auto result = write_int8(*parse(bytes), path("model.int8.bin"));
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("a/weight is of a type that weights never have"));
}

TEST_F(ModelFileTest, ChoosesInt8WeightsUnlessTheyAreOld) {
  const std::string original = path("model.bin"), int8 = path("model.int8.bin");
  std::ofstream(original) << "x";
  EXPECT_EQ(int8_weights_path(folder_.string()), original);
  std::ofstream(int8) << "x";
  EXPECT_EQ(int8_weights_path(folder_.string()), int8);
  const auto later = std::filesystem::last_write_time(int8) + std::chrono::seconds(1);
  std::filesystem::last_write_time(original, later);
  EXPECT_EQ(int8_weights_path(folder_.string()), original);
  std::filesystem::remove(original);
  EXPECT_EQ(int8_weights_path(folder_.string()), int8);
}

TEST_F(ModelFileTest, ChoosesInt8WeightsByWhatTheyWereMadeFrom) {
  const std::string original = path("model.bin"), int8 = path("model.int8.bin");
  Bytes bytes;
  bytes.header(6, 1)
      .array<float>("a/weight", {1, 2}, DataType::float32, {1, 2})
      .add(std::uint32_t{0});
  const auto write = [&](const std::string& more) {
    std::ofstream(original, std::ios::binary) << bytes.text() << more;
  };
  write("");
  ASSERT_TRUE(write_int8(**ModelFile::open(original), int8));
  // As in a copy whose files were written in another order.
  std::filesystem::last_write_time(
      original, std::filesystem::last_write_time(int8) + std::chrono::seconds(1));
  EXPECT_EQ(int8_weights_path(folder_.string()), int8);
  EXPECT_TRUE(ModelFile::open(int8));
  write("x");
  std::filesystem::last_write_time(
      original, std::filesystem::last_write_time(int8) - std::chrono::seconds(1));
  EXPECT_EQ(int8_weights_path(folder_.string()), original);
}

/// Makes writes after `bytes` fail, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST_F(ModelFileTest, WritesWholeOrNothing) {
  const Bytes bytes = small_model();
  const auto original = parse(bytes);
  std::ofstream(path("model.int8.bin")) << "before";
  {
    const FullDisk full(100);
    const auto result = write_int8(*original, path("model.int8.bin"));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Errc::io);
    EXPECT_THAT(result.error().message, HasSubstr("model.int8.bin: cannot be written"));
  }
  EXPECT_EQ(std::filesystem::file_size(path("model.int8.bin")), 6u);
  EXPECT_FALSE(std::filesystem::exists(path("model.int8.bin.part")));
  const auto nowhere = write_int8(*original, path("no/such/model.int8.bin"));
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_THAT(nowhere.error().message, HasSubstr("no/such/model.int8.bin.part"));
}

}  // namespace
}  // namespace steno::models
