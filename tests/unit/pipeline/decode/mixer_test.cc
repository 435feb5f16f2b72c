#include "pipeline/decode/mixer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace steno::decode {
namespace {

using Signals = std::vector<std::vector<float>>;

std::vector<float> tone(std::size_t count, double step, float amplitude = 0.5F) {
  std::vector<float> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    samples[i] = amplitude * static_cast<float>(std::sin(step * static_cast<double>(i)));
  }
  return samples;
}

std::vector<float> scaled(std::vector<float> samples, float factor) {
  for (float& sample : samples) sample *= factor;
  return samples;
}

/// Mixed in pieces of any size.
std::vector<float> mixed(const Signals& channels, std::vector<float> weights) {
  Mixer mixer(std::move(weights));
  std::vector<float> out;
  const std::size_t size = channels[0].size();
  for (std::size_t at = 0; at < size; at += 371) {
    const std::size_t count = std::min<std::size_t>(371, size - at);
    Signals part;
    for (const auto& channel : channels) {
      const auto first = channel.begin() + static_cast<std::ptrdiff_t>(at);
      part.emplace_back(first, first + static_cast<std::ptrdiff_t>(count));
    }
    mixer.mix(part, count, out);
  }
  mixer.finish(out);
  return out;
}

double power(std::span<const float> samples) {
  double sum = 0;
  for (const float sample : samples) sum += double{sample} * sample;
  return sum / static_cast<double>(samples.size());
}

TEST(Mixer, AddsWeightedChannels) {
  const auto a = tone(5000, 0.05);
  const auto b = tone(5000, 0.31);
  const auto out = mixed({a, b}, {0.75F, 0.25F});
  ASSERT_EQ(out.size(), a.size());
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], 0.75F * a[i] + 0.25F * b[i]);
}

TEST(Mixer, IndependentChannelsKeepTheirSigns) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, 0.1F);
  Signals channels(2, std::vector<float>(32000));
  for (auto& channel : channels) {
    for (float& sample : channel) sample = normal(random);
  }
  const auto out = mixed(channels, {0.5F, 0.5F});
  for (std::size_t i = 0; i < out.size(); ++i) {
    EXPECT_EQ(out[i], 0.5F * channels[0][i] + 0.5F * channels[1][i]);
  }
}

TEST(Mixer, OppositePhaseDoesNotCancel) {
  const auto voice = tone(16000, 0.1);
  const auto out = mixed({voice, scaled(voice, -1)}, {0.5F, 0.5F});
  EXPECT_EQ(out, voice);
}

TEST(Mixer, NorDoesItOnAnOffsetOrWithAnotherLevel) {
  const auto voice = tone(16000, 0.1, 0.2F);
  auto other = scaled(voice, -0.8F);
  for (float& sample : other) sample += 0.1F;
  EXPECT_GT(power(mixed({voice, other}, {0.5F, 0.5F})), 0.7 * power(voice));
}

TEST(Mixer, FindsAPartInTheMiddle) {
  const auto voice = tone(48000, 0.1);
  auto other = voice;
  for (std::size_t i = 16500; i < 32500; ++i) other[i] = -other[i];
  const auto out = mixed({voice, other}, {0.5F, 0.5F});
  for (std::size_t second = 0; second < 3; ++second) {
    EXPECT_NEAR(power(std::span(out).subspan(second * 16000, 16000)), power(voice),
                0.1 * power(voice));
  }
  // No click but those of the channel itself.
  int clicks = 0;
  for (std::size_t i = 1; i < out.size(); ++i) clicks += std::abs(out[i] - out[i - 1]) > 0.06F;
  EXPECT_LE(clicks, 2);
}

TEST(Mixer, OneOfManyChannelsMayBeInverted) {
  const auto voice = tone(16000, 0.1);
  const auto quiet = scaled(voice, 0.5F);
  const std::vector<float> weights(3, 1.0F / 3);
  const auto out = mixed({scaled(voice, -1), quiet, quiet}, weights);
  EXPECT_NEAR(power(out), power(scaled(voice, 2.0F / 3)), 1e-4);
}

TEST(Mixer, StaysInRange) {
  std::vector<float> samples(2000, 3.0F);
  samples[3] = std::nanf("");
  const auto out = mixed({samples, samples}, {0.5F, 0.5F});
  EXPECT_EQ(out[0], 1.0F);
  EXPECT_EQ(out[3], 0.0F);
}

}  // namespace
}  // namespace steno::decode
