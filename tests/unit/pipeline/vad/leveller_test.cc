#include "pipeline/vad/leveller.h"

#include <gtest/gtest.h>

#include <cmath>

#include "unit/pipeline/vad/golden.h"

namespace steno::vad {
namespace {

/// The recording at another level, on an offset, as the network gets it.
std::vector<float> levelled(float gain, float offset) {
  auto samples = recording();
  for (float& sample : samples) sample = sample * gain + offset;
  Leveller leveller;
  constexpr size_t kBlock = 32768;
  for (size_t at = 0; at < samples.size(); at += kBlock) {
    leveller.process(std::span(samples).subspan(at, std::min(kBlock, samples.size() - at)));
  }
  return samples;
}

float peak(const std::vector<float>& samples) {
  float most = 0;
  for (const float sample : samples) most = std::max(most, std::abs(sample));
  return most;
}

TEST(Leveller, LeavesOrdinarySpeechAsItIs) { EXPECT_EQ(levelled(1, 0), recording()); }

TEST(Leveller, RemovesAnOffset) {
  const auto samples = levelled(0.1F, 0.05F);
  double sum = 0;
  for (const float sample : samples) sum += sample;
  EXPECT_NEAR(sum / static_cast<double>(samples.size()), 0, 1e-4);
  EXPECT_LT(peak(samples), 0.15F);
}

TEST(Leveller, AmplifiesVeryQuietSpeech) {
  const float quiet = 0.0016F / peak(recording());  // -56 dBFS
  EXPECT_GT(peak(levelled(quiet, 0)), 0.016F);
  EXPECT_LT(peak(levelled(quiet, 0)), 0.3F);
}

TEST(Leveller, SilenceStaysSilent) { EXPECT_EQ(peak(levelled(0, 0)), 0.0F); }

TEST(Leveller, APauseInLoudSpeechIsNotAmplified) {
  Leveller leveller;
  std::vector<float> loud(32768);
  for (size_t i = 0; i < loud.size(); ++i) loud[i] = 0.3F * std::sin(0.2F * static_cast<float>(i));
  leveller.process(loud);
  std::vector<float> pause(32768, 0);
  for (size_t i = 0; i < pause.size(); i += 2) pause[i] = 1e-3F;
  const auto before = pause;
  leveller.process(pause);
  EXPECT_EQ(pause, before);
}

/// The reason for it: the spans are those of the recording itself.
TEST(Leveller, SpeechOnAnOffsetAndVeryQuietSpeechAreFound) {
  const auto spans = [](float gain, float offset) {
    VadStream stream(silero(), VadOptions());
    auto samples = recording();
    for (float& sample : samples) {
      sample = std::round((sample * gain + offset) * 32768) / 32768;
    }
    stream.push(samples);
    stream.finish();
    return stream.take();
  };
  const auto expected = spans(1, 0);
  ASSERT_FALSE(expected.empty());
  const float quiet = 0.0016F / peak(recording());
  for (const auto& found : {spans(quiet, 0), spans(0.1F, 0.05F), spans(quiet, 0.01F)}) {
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(found[i].start), static_cast<double>(expected[i].start), 8000);
      EXPECT_NEAR(static_cast<double>(found[i].end), static_cast<double>(expected[i].end), 8000);
    }
  }
}

}  // namespace
}  // namespace steno::vad
