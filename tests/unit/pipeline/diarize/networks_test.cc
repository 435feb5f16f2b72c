#include "pipeline/diarize/networks.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "pipeline/diarize/filter_bank.h"
#include "test_paths.h"
#include "unit/base/temporary_folder.h"
#include "unit/pipeline/asr/scripted_engine.h"
#include "unit/pipeline/diarize/real_networks.h"

namespace steno::diarize {
namespace {

using testing::HasSubstr;

/// The output of tests/golden/diarize/make.py: the original networks in torch, and Kaldi's
/// features.
const nlohmann::json& golden() {
  static const auto value =
      nlohmann::json::parse(std::ifstream(STENO_GOLDEN "/diarize/golden.json"));
  return value;
}

std::span<const float> part(const std::vector<float>& samples, size_t begin, size_t end) {
  return std::span(samples).subspan(begin, end - begin);
}

/// Every 7th value is in the golden file.
float farthest(std::span<const float> made, const nlohmann::json& expected) {
  EXPECT_EQ((made.size() + 6) / 7, expected.size());
  float most = 0;
  for (size_t i = 0; i < expected.size() && 7 * i < made.size(); ++i) {
    most = std::max(most, std::abs(made[7 * i] - expected[i].get<float>()));
  }
  return most;
}

TEST(FilterBank, IsKaldis) {
  const auto samples = asr::recording("telephone.wav");
  const auto features =
      FilterBank().compute(part(samples, golden()["crop"][0], golden()["crop"][1]));
  EXPECT_LT(farthest(features, golden()["features"]), 2e-3);
}

TEST(FilterBank, HasAFrameForEveryWholeWindow) {
  const FilterBank bank;
  for (const size_t samples : {0, 399, 400, 559, 560, 16000}) {
    const auto count = static_cast<size_t>(FilterBank::frames(samples));
    EXPECT_EQ(count, samples < 400 ? 0 : 1 + (samples - 400) / 160);
    EXPECT_EQ(bank.compute(std::vector<float>(samples)).size(), count * FilterBank::kBins);
  }
}

TEST(Networks, SegmentAsTheOriginal) {
  const auto samples = asr::recording("telephone.wav");
  const size_t begin = golden()["window"];
  const auto classes =
      real_networks()->segment(part(samples, begin, begin + Networks::kWindow)).value();
  ASSERT_EQ(classes.size(), size_t{Networks::kFrames});
  EXPECT_LT(farthest({classes.front().data(), classes.size() * classes.front().size()},
                     golden()["classes"]),
            1e-4);
}

TEST(Networks, EmbedAsTheOriginal) {
  const auto samples = asr::recording("telephone.wav");
  const auto features =
      FilterBank().compute(part(samples, golden()["crop"][0], golden()["crop"][1]));
  const auto voice = real_networks()->embed(features).value();
  EXPECT_LT(farthest(voice, golden()["voice"]), 1e-3);
}

TEST(Networks, SayWhichFileCannotBeRead) {
  const TemporaryFolder folder;
  const auto missing = Networks::load(folder.path().string());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::bad_model);
  EXPECT_THAT(missing.error().message, HasSubstr("segmentation.onnx"));

  const std::filesystem::path models(STENO_MODELS "/diarization");
  std::filesystem::copy(models / "segmentation.onnx", folder / "segmentation.onnx");
  std::filesystem::copy(models / "segmentation.onnx", folder / "embedding.onnx");
  const auto wrong = Networks::load(folder.path().string());
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("embedding.onnx"));
}

}  // namespace
}  // namespace steno::diarize
