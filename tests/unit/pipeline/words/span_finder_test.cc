#include "pipeline/words/span_finder.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace steno {
namespace {

using testing::ElementsAre;

std::vector<vad::Span> find(std::vector<Clip> clips, int64_t max_length, int64_t samples,
                            size_t block) {
  const auto finder = find_clips(std::move(clips), max_length);
  const std::vector<float> audio(static_cast<size_t>(samples));
  std::vector<vad::Span> spans;
  const auto take = [&] {
    for (const auto& span : finder->take()) {
      EXPECT_GE(finder->settled(), span.end);
      spans.push_back(span);
    }
  };
  for (size_t at = 0; at < audio.size(); at += block) {
    const int64_t settled = finder->settled();
    finder->push(std::span(audio).subspan(at, std::min(block, audio.size() - at)));
    const size_t known = spans.size();
    take();
    if (spans.size() > known) {
      EXPECT_GE(spans[known].start, settled);
    }
  }
  finder->finish();
  take();
  return spans;
}

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

TEST(FindClips, GivesTheClipsForEveryBlockSize) {
  for (const size_t block : {1u, 7u, 100u, 1000u}) {
    EXPECT_THAT(find({{10, 20}, {50, 90}, {90, 95}}, 1000, 1000, block),
                ElementsAre(vad::Span{10, 20}, vad::Span{50, 90}, vad::Span{90, 95}));
  }
}

TEST(FindClips, CutsWhatIsTooLong) {
  EXPECT_THAT(find({{5, 30}}, 10, 100, 3),
              ElementsAre(vad::Span{5, 15}, vad::Span{15, 25}, vad::Span{25, 30}));
  EXPECT_THAT(find({{0, kEnd}}, 40, 100, 8),
              ElementsAre(vad::Span{0, 40}, vad::Span{40, 80}, vad::Span{80, 100}));
}

/// Two minutes of constant hum that is quieter for 0.3 s at some places.
std::vector<float> hum(const std::vector<double>& quiet) {
  std::vector<float> audio(120 * 16000);
  for (size_t i = 0; i < audio.size(); ++i) audio[i] = i % 2 == 0 ? 0.1f : -0.1f;
  for (const double second : quiet) {
    const auto first = audio.begin() + std::lround(second * 16000);
    std::transform(first, first + 4800, first, [](float sample) { return sample / 10; });
  }
  return audio;
}

TEST(FindClips, CutsInTheQuietestPlace) {
  // Too early for the first window, right for it, right for the second one, in none.
  const auto audio = hum({5, 8, 15.5, 60});
  for (const size_t block : {160u, 8000u, 1000000u}) {
    const auto finder = find_clips({{0, kEnd}}, 10 * 16000);
    std::vector<vad::Span> spans;
    for (size_t at = 0; at < audio.size(); at += block) {
      finder->push(std::span(audio).subspan(at, std::min(block, audio.size() - at)));
      for (const auto& span : finder->take()) spans.push_back(span);
    }
    finder->finish();
    for (const auto& span : finder->take()) spans.push_back(span);
    EXPECT_NEAR(static_cast<double>(spans.at(0).end) / 16000, 8.15, 0.1);
    EXPECT_NEAR(static_cast<double>(spans.at(1).end) / 16000, 15.65, 0.1);
    // Without a quiet place it has the maximum length, except for the searched range.
    EXPECT_NEAR(static_cast<double>(spans.at(2).end) / 16000, 25.5, 0.15);
    for (size_t i = 0; i < spans.size(); ++i) {
      EXPECT_EQ(spans[i].start, i == 0 ? 0 : spans[i - 1].end);
      EXPECT_LE(spans[i].end - spans[i].start, 10 * 16000);
    }
    EXPECT_EQ(spans.back().end, static_cast<int64_t>(audio.size()));
  }
}

TEST(FindClips, EndsWithTheRecording) {
  EXPECT_THAT(find({{5, 30}, {50, 200}, {300, 400}}, 1000, 100, 9),
              ElementsAre(vad::Span{5, 30}, vad::Span{50, 100}));
  EXPECT_TRUE(find({{0, kEnd}}, 10, 0, 1).empty());
}

TEST(FindClips, GivesNothingTwice) {
  EXPECT_THAT(find({{5, 30}, {20, 40}, {10, 15}}, 1000, 100, 9),
              ElementsAre(vad::Span{5, 30}, vad::Span{30, 40}));
}

TEST(ClipsOf, ReadsPairsOfSeconds) {
  EXPECT_THAT(clips_of({}), ElementsAre(Clip{0, kEnd}));
  EXPECT_THAT(clips_of({1, 2.5}), ElementsAre(Clip{16000, 40000}));
  EXPECT_THAT(clips_of({1, 2, 3}), ElementsAre(Clip{16000, 32000}, Clip{48000, kEnd}));
}

}  // namespace
}  // namespace steno
