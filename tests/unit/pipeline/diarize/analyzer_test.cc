#include "pipeline/diarize/analyzer.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "pipeline/diarize/diarize.h"
#include "test_paths.h"
#include "unit/pipeline/asr/scripted_engine.h"
#include "unit/pipeline/diarize/real_networks.h"

namespace steno::diarize {
namespace {

Voices analyzed(std::span<const float> samples, size_t block, int threads) {
  Analyzer analyzer(real_networks(), threads);
  while (!samples.empty()) {
    const size_t count = std::min(block, samples.size());
    analyzer.push(samples.first(count));
    samples = samples.subspan(count);
  }
  return analyzer.finish().value();
}

TEST(Analyzer, FindsTheSameHoweverTheSamplesCome) {
  const auto samples = asr::recording("telephone.wav");
  const auto whole = analyzed(samples, samples.size(), 1);
  EXPECT_EQ(whole.samples, static_cast<int64_t>(samples.size()));
  EXPECT_EQ(whole.windows.size(), 12u);  // 10 s, and one for every 2 s of the 20 s behind them
  EXPECT_GT(whole.excerpts.size(), 8u);
  EXPECT_EQ(to_bytes(analyzed(samples, 7777, 3)), to_bytes(whole));
}

TEST(Analyzer, DistinguishesTheTwoSpeakersOfACall) {
  const auto found = find_speakers(analyzed(asr::recording("telephone.wav"), 16000, 2), {});
  ASSERT_EQ(found.names.size(), 2u);
  const auto speech =
      nlohmann::json::parse(std::ifstream(STENO_GOLDEN "/../speech.json"))["recordings"][0];
  double right = 0;
  double all = 0;
  for (const auto& segment : speech["segments"]) {
    const int speaker = segment["speaker"] == "Diane" ? 0 : 1;  // she speaks first
    const double start = segment["start"];
    const double end = segment["end"];
    all += end - start;
    for (const Turn& turn : found.turns) {
      if (turn.speaker != speaker) continue;
      right += std::max(0.0, std::min(end, turn.end) - std::max(start, turn.start));
    }
  }
  EXPECT_GT(right / all, 0.95);
}

TEST(Analyzer, TakesRecordingsOfAnyLength) {
  const auto samples = asr::recording("telephone.wav");
  EXPECT_EQ(analyzed({}, 1, 1).windows.size(), 0u);
  for (const size_t length : {size_t{1}, size_t{8000}, size_t{160000}, size_t{160001}}) {
    const auto voices = analyzed(std::span(samples).first(length), 4000, 2);
    EXPECT_EQ(voices.windows.size(), length > 160000 ? 2u : 1u) << length;
    for (const Turn& turn : find_speakers(voices, {}).turns) {
      EXPECT_LE(turn.end, static_cast<double>(length) / 16000);
    }
  }
}

TEST(Analyzer, EndsWhenItIsStopped) {
  const std::vector<float> samples(16000 * 60);
  Analyzer analyzer(real_networks(), 1);
  std::thread other([&] { analyzer.stop(); });
  for (int i = 0; i < 20; ++i) analyzer.push(samples);
  const auto voices = analyzer.finish();
  other.join();
  ASSERT_FALSE(voices);
  EXPECT_EQ(voices.error().code, Errc::cancelled);
}

TEST(Analyzer, MayBeGivenUp) {
  const std::vector<float> samples(16000 * 15);
  Analyzer analyzer(real_networks(), 2);
  analyzer.push(samples);
}

}  // namespace
}  // namespace steno::diarize
