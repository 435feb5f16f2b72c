#include "pipeline/words/windows.h"

#include <gmock/gmock.h>

#include <random>

#include "unit/pipeline/vad/golden.h"

namespace steno {
namespace {

using testing::ElementsAre;

constexpr int64_t kSecond = 16000;

/// Returns spans set by a test, once their samples have arrived.
class SetFinder : public SpanFinder {
 public:
  explicit SetFinder(std::vector<vad::Span> spans) : spans_(std::move(spans)) {}
  void push(std::span<const float> samples) override {
    position_ += static_cast<int64_t>(samples.size());
  }
  void finish() override {}
  std::vector<vad::Span> take() override {
    std::vector<vad::Span> taken;
    for (; next_ < spans_.size() && spans_[next_].end <= position_; ++next_) {
      taken.push_back(spans_[next_]);
    }
    return taken;
  }
  std::optional<vad::Span> open() const override { return std::nullopt; }
  int64_t settled() const override {
    return next_ == spans_.size() ? position_ : std::min(position_, spans_[next_].start);
  }

 private:
  std::vector<vad::Span> spans_;
  size_t next_ = 0;
  int64_t position_ = 0;
};

/// Every sample of the recording is its own number, within the precision of float.
std::vector<float> numbered(int64_t length) {
  std::vector<float> samples(static_cast<size_t>(length));
  for (size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<float>(i);
  return samples;
}

std::vector<Window> build(WindowBuilder& builder, int64_t length, size_t block) {
  const std::vector<float> audio = numbered(length);
  std::vector<Window> windows;
  double floor = 0;
  const auto take = [&] {
    for (Window& window : builder.take()) {
      EXPECT_GE(static_cast<double>(window.times.start()), floor);
      windows.push_back(std::move(window));
    }
    EXPECT_GE(static_cast<double>(builder.floor()), floor);
    floor = static_cast<double>(builder.floor());
  };
  for (size_t at = 0; at < audio.size(); at += block) {
    builder.push(std::span(audio).subspan(at, std::min(block, audio.size() - at)));
    take();
  }
  builder.finish();
  take();
  return windows;
}

std::vector<Window> build(std::vector<vad::Span> spans, int64_t max, int64_t length) {
  WindowBuilder builder(std::make_unique<SetFinder>(std::move(spans)), max);
  return build(builder, length, 8000);
}

std::vector<int64_t> lengths(const std::vector<Window>& windows) {
  std::vector<int64_t> all;
  for (const Window& window : windows) all.push_back(static_cast<int64_t>(window.samples.size()));
  return all;
}

TEST(WindowBuilder, JoinsSpansUpToAWindow) {
  const auto windows = build({{0, 100}, {150, 250, 50}, {300, 400, 50}, {400, 500, 0}}, 300, 1000);
  EXPECT_THAT(lengths(windows), ElementsAre(300, 100));
  EXPECT_EQ(windows[0].samples[100], 150);
  EXPECT_EQ(windows[0].samples[299], 399);
  EXPECT_EQ(windows[1].samples[0], 400);
}

TEST(WindowBuilder, EndsAWindowAtTheLongestPauseNearItsEnd) {
  // 60 % is too little of a window; of the pauses at 75, 85 and 95 %, the one at 85 is longest.
  const auto windows = build(
      {{0, 60, 0}, {200, 215, 140}, {220, 230, 10}, {250, 260, 20}, {265, 275, 5}}, 100, 1000);
  EXPECT_THAT(lengths(windows), ElementsAre(85, 20));
}

TEST(WindowBuilder, EndsAFullWindowIfNoPauseIsLongerThere) {
  const auto windows = build({{0, 80, 0}, {85, 105, 5}, {135, 155, 30}}, 100, 1000);
  EXPECT_THAT(lengths(windows), ElementsAre(100, 20));
}

TEST(WindowBuilder, DoesNotSpanAVeryLongSilence) {
  const auto windows = build({{0, kSecond, 0},
                              {30 * kSecond, 31 * kSecond, 29 * kSecond},
                              {35 * kSecond, 36 * kSecond, 4 * kSecond}},
                             30 * kSecond, 40 * kSecond);
  EXPECT_THAT(lengths(windows), ElementsAre(kSecond, 2 * kSecond));
}

TEST(WindowBuilder, GivesOutAWindowOnceNothingCanJoinIt) {
  WindowBuilder builder(std::make_unique<SetFinder>(std::vector<vad::Span>{{0, kSecond, 0}}),
                        30 * kSecond);
  const std::vector<float> second(kSecond);
  for (int i = 0; i < 21; ++i) builder.push(second);
  EXPECT_TRUE(builder.take().empty());
  builder.push(second);
  EXPECT_EQ(builder.take().size(), 1u);
}

TEST(WindowBuilder, CutsASpanThatIsLongerThanAWindow) {
  EXPECT_THAT(lengths(build({{0, 40, 0}, {50, 300, 10}}, 100, 1000)),
              ElementsAre(40, 100, 100, 50));
}

TEST(WindowBuilder, KeepsEverySampleOfTheSpansOnceAndInOrder) {
  std::mt19937 random(4);
  std::vector<vad::Span> spans;
  int64_t at = 0;
  for (int i = 0; i < 300; ++i) {
    const int64_t pause = random() % 3 ? static_cast<int64_t>(random() % 9000) : 0;
    const int64_t length = 1 + static_cast<int64_t>(random() % 40'000);
    spans.push_back({at + pause, at + pause + length, pause});
    at += pause + length;
  }
  const auto windows = build(spans, 3 * kSecond, at + 5000);
  std::vector<float> actual, expected;
  for (const Window& window : windows) {
    EXPECT_LE(window.samples.size(), 3u * kSecond);
    EXPECT_EQ(window.times.length(), static_cast<int64_t>(window.samples.size()));
    for (size_t i = 0; i < window.samples.size(); i += 997) {
      const double seconds = static_cast<double>(i) / kSecond + 0.03;
      if (seconds * kSecond >= static_cast<double>(window.samples.size())) continue;
      const auto sample = static_cast<size_t>(seconds * kSecond);
      const double time = window.times.to_recording(seconds, TimeMap::Edge::start);
      // Within 20 ms of a seam, either side is correct.
      EXPECT_NEAR(time * kSecond, window.samples[sample], 9000 + 640);
    }
    actual.insert(actual.end(), window.samples.begin(), window.samples.end());
  }
  for (const auto& span : spans) {
    for (int64_t i = span.start; i < span.end; ++i) expected.push_back(static_cast<float>(i));
  }
  EXPECT_TRUE(actual == expected);
}

TEST(WindowBuilder, CutsRealSpeechAtPauses) {
  VadOptions options;
  options.min_silence_duration_ms = 160;
  options.max_speech_duration_s = 6;
  const std::vector<float> audio = vad::recording();
  WindowBuilder builder(find_speech(vad::silero(), options), 6 * kSecond);
  for (size_t at = 0; at < audio.size(); at += 8000) {
    builder.push(std::span(audio).subspan(at, std::min<size_t>(8000, audio.size() - at)));
  }
  builder.finish();
  const auto windows = builder.take();
  ASSERT_EQ(windows.size(), 4u);  // the sentence, four times
  int64_t samples = 0;
  for (const Window& window : windows) {
    EXPECT_LE(window.samples.size(), 6u * kSecond);
    samples += static_cast<int64_t>(window.samples.size());
    // There is no speech at the edges of a window.
    for (const size_t edge : {size_t{0}, window.samples.size() - 800}) {
      float loudest = 0;
      for (size_t i = edge; i < edge + 800; ++i) {
        loudest = std::max(loudest, std::abs(window.samples[i]));
      }
      EXPECT_LT(loudest, 0.02);
    }
  }
  EXPECT_EQ(builder.speech(), samples);
  EXPECT_EQ(builder.length(), static_cast<int64_t>(audio.size()));
}

}  // namespace
}  // namespace steno
