#include "pipeline/asr/features.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>
#include <thread>

#include "test_paths.h"

namespace steno::asr {
namespace {

using Json = nlohmann::json;

constexpr double kRate = 16000;
constexpr double kTolerance = 1e-3;

// The signals of tools/golden/make_features.py.

std::vector<double> noise(std::size_t count) {
  std::uint64_t state = 12345;
  std::vector<double> samples(count);
  for (double& sample : samples) {
    state = (state * 1103515245U + 12345U) % (1U << 31U);
    sample = static_cast<double>(state) / (1U << 30U) - 1;
  }
  return samples;
}

std::vector<double> sweep(std::size_t count) {
  const double length = static_cast<double>(count) / kRate;
  std::vector<double> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) / kRate;
    samples[i] =
        0.5 * std::sin(2 * std::numbers::pi * (50 * t + (7950 - 50) / (2 * length) * t * t));
  }
  return samples;
}

std::vector<double> voice(std::size_t count) {
  std::vector<double> samples = noise(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double t = static_cast<double>(i) / kRate;
    double tone = 0;
    for (int k = 1; k < 20; ++k) tone += std::sin(2 * std::numbers::pi * 120 * k * t) / k;
    const double loudness = std::max(0.0, std::sin(2 * std::numbers::pi * 2.5 * t));
    samples[i] = 0.1 * tone * loudness + 0.001 * samples[i];
  }
  return samples;
}

std::vector<float> signal(const std::string& name, std::size_t count) {
  std::vector<double> samples(count);
  if (name == "sweep" || name == "odd length" || name.starts_with("1")) samples = sweep(count);
  if (name == "voice") samples = voice(count);
  if (name == "1 sample") samples = {0.5};
  if (name == "noise") {
    samples = noise(count);
    for (double& sample : samples) sample *= 0.3;
  }
  if (name == "clipped") {
    samples = voice(count);
    for (double& sample : samples) sample = std::clamp(10 * sample, -1.0, 1.0);
  }
  return {samples.begin(), samples.end()};
}

float at(const Features& features, std::size_t mel, std::size_t frame) {
  return features.values[mel * static_cast<std::size_t>(features.frames) + frame];
}

TEST(FeatureExtractor, IsEqualToTheReference) {
  std::ifstream file(STENO_GOLDEN "/features.json");
  const Json cases = Json::parse(file);
  ASSERT_EQ(cases.size(), 20U);
  for (const auto& expected : cases) {
    const auto samples = signal(expected["signal"], expected["samples"]);
    const int mels = expected["mels"];
    const auto features = FeatureExtractor(mels).extract(samples);
    SCOPED_TRACE(expected["signal"].get<std::string>() + " " + std::to_string(mels));
    ASSERT_EQ(features.mels, mels);
    ASSERT_EQ(features.frames, expected["frames"]);
    const auto bands = static_cast<std::size_t>(mels);
    const auto frames = static_cast<std::size_t>(features.frames);
    ASSERT_EQ(features.values.size(), bands * frames);
    for (const auto& [frame, values] : expected["kept"].items()) {
      for (std::size_t m = 0; m < bands; ++m) {
        ASSERT_NEAR(at(features, m, std::stoul(frame)), values[m].get<double>(), kTolerance)
            << "frame " << frame << " mel " << m;
      }
    }
    for (std::size_t m = 0; frames > 0 && m < bands; ++m) {
      double sum = 0;
      for (std::size_t frame = 0; frame < frames; ++frame) sum += at(features, m, frame);
      ASSERT_NEAR(sum / static_cast<double>(frames), expected["means"][m].get<double>(),
                  kTolerance);
    }
  }
}

TEST(FeatureExtractor, MayBeUsedByManyThreads) {
  const FeatureExtractor extractor(80);
  const auto samples = signal("voice", 48000);
  const auto alone = extractor.extract(samples);
  std::vector<Features> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&] { result = extractor.extract(samples); });
    }
  }
  for (const auto& result : results) EXPECT_EQ(result.values, alone.values);
}

TEST(FeatureExtractor, StaysFiniteForWhatIsNoSound) {
  const FeatureExtractor extractor(80);
  std::vector<float> samples(3200, 0.0F);
  samples[1000] = 1e30F;
  samples[2000] = std::numeric_limits<float>::quiet_NaN();
  for (const float value : extractor.extract(samples).values) EXPECT_TRUE(std::isfinite(value));
}

TEST(PadOrTrim, CutsAndFillsEachBand) {
  const Features features{2, 3, {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(pad_or_trim(features, 2).values, (std::vector<float>{1, 2, 4, 5}));
  const auto longer = pad_or_trim(features, 4);
  EXPECT_EQ(longer.frames, 4);
  EXPECT_EQ(longer.mels, 2);
  EXPECT_EQ(longer.values, (std::vector<float>{1, 2, 3, 0, 4, 5, 6, 0}));
}

}  // namespace
}  // namespace steno::asr
