#include "pipeline/span_finder.h"

#include <gmock/gmock.h>

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
