#include "pipeline/vad/leveller.h"

#include <gtest/gtest.h>

#include <algorithm>
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

TEST(Leveller, APauseOfTwentySecondsInLoudSpeechIsNotAmplified) {
  Leveller leveller;
  std::vector<float> loud(32768);
  for (size_t i = 0; i < loud.size(); ++i) loud[i] = 0.3F * std::sin(0.2F * static_cast<float>(i));
  leveller.process(loud);
  std::vector<float> pause(32768, 0);
  for (size_t i = 0; i < pause.size(); ++i) pause[i] = i % 2 == 0 ? 1e-3F : -1e-3F;
  const auto before = pause;
  for (int block = 0; block < 10; ++block) {
    leveller.process(pause);
    ASSERT_EQ(pause, before) << block;
  }
}

/// The reason for it. The quietest syllables are lost in the steps of 16 bits.
TEST(Leveller, SpeechOnAnOffsetAndVeryQuietSpeechAreFound) {
  const auto speech = [](float gain, float offset) {
    VadStream stream(silero(), VadOptions());
    auto samples = recording();
    for (float& sample : samples) {
      sample = std::round((sample * gain + offset) * 32768) / 32768;
    }
    stream.push(samples);
    stream.finish();
    std::vector<bool> is_speech(samples.size());
    for (const Span& span : stream.take()) {
      std::fill(is_speech.begin() + span.start, is_speech.begin() + span.end, true);
    }
    return is_speech;
  };
  const auto expected = speech(1, 0);
  const auto wanted = std::ranges::count(expected, true);
  ASSERT_GT(wanted, 10 * kSampleRate);
  const float quiet = 0.0016F / peak(recording());
  for (const auto& [gain, offset] : {std::pair(quiet, 0.0F), {0.1F, 0.05F}, {quiet, 0.01F}}) {
    SCOPED_TRACE(testing::Message() << "gain " << gain << ", offset " << offset);
    const auto found = speech(gain, offset);
    std::ptrdiff_t right = 0;
    for (size_t i = 0; i < found.size(); ++i) right += found[i] && expected[i];
    EXPECT_GT(right, 0.85 * static_cast<double>(wanted));
    EXPECT_LT(std::ranges::count(found, true), 1.1 * static_cast<double>(wanted));
  }
}

}  // namespace
}  // namespace steno::vad
