// Sounds without speech give no text, also without voice activity detection.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

#include "unit/pipeline/asr/scripted_engine.h"

namespace steno::asr {
namespace {

using Sound = std::function<double(double)>;  // seconds -> sample

double sine(double frequency, double seconds) { return std::sin(2 * M_PI * frequency * seconds); }

std::vector<float> render(double seconds, const Sound& sound) {
  std::vector<float> samples(static_cast<size_t>(seconds * kSampleRate));
  for (size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<float>(sound(static_cast<double>(i) / kSampleRate));
  }
  return samples;
}

std::string transcribed(const std::vector<float>& samples) {
  const WindowRequest window{samples, "en", true};
  std::string text;
  for (const auto& result : transcribe_windows(real_model("base"), {&window, 1}, {})) {
    for (const auto& segment : result.segments) text += segment.text;
  }
  return text;
}

TEST(Noise, GivesNoText) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  double low = 0;
  const std::pair<const char*, Sound> sounds[] = {
      {"silence", [](double) { return 0.0; }},
      {"white noise", [&](double) { return 0.1 * normal(random); }},
      {"faint noise", [&](double) { return 0.0005 * normal(random); }},
      {"breathing",
       [&](double t) { return (low += 0.1 * (normal(random) - low)) * std::abs(sine(0.3, t)); }},
      {"hum", [](double t) { return 0.2 * sine(50, t) + 0.1 * sine(150, t); }},
      {"clicks", [](double t) { return std::fmod(t, 0.5) < 0.004 ? 0.8 : 0.0; }},
      {"chord", [](double t) { return 0.1 * (sine(220, t) + sine(277, t) + sine(330, t)); }},
  };
  for (const auto& [name, sound] : sounds) EXPECT_EQ(transcribed(render(5, sound)), "") << name;
}

}  // namespace
}  // namespace steno::asr
