#include "pipeline/asr/hallucination.h"

#include <gtest/gtest.h>

namespace steno::asr {
namespace {

Segment spoken(double start, double end, double probability, int count = 4) {
  Segment segment;
  segment.start = start;
  segment.end = end;
  const double each = (end - start) / count;
  for (int i = 0; i < count; ++i) {
    segment.words.push_back({start + i * each, start + (i + 1) * each, " word", probability});
  }
  return segment;
}

Segment invented(double start, double end) { return spoken(start, end, 0.05); }

const TimedWindow kWindow{100, 30, 130, 99, 300};

TEST(LooksInvented, JudgesTheFirstWords) {
  EXPECT_FALSE(looks_hallucinated(spoken(0, 2, 0.9)));
  EXPECT_TRUE(looks_hallucinated(spoken(0, 2, 0.1)));
  EXPECT_TRUE(looks_hallucinated(spoken(0, 0.1, 0.9, 8)));  // far too short
  EXPECT_TRUE(looks_hallucinated(spoken(0, 20, 0.9, 2)));   // far too long
  EXPECT_FALSE(looks_hallucinated(Segment()));
  auto late = spoken(0, 4, 0.9, 8);
  for (int i = 0; i < 8; ++i) late.words.push_back({4, 4.01, " x", 0.01});
  EXPECT_FALSE(looks_hallucinated(late));
}

TEST(DropHallucinations, KeepsSpeech) {
  std::vector<Segment> segments = {spoken(101, 103, 0.9), spoken(110, 113, 0.8)};
  EXPECT_FALSE(drop_hallucinations(segments, kWindow, 2));
  EXPECT_EQ(segments.size(), 2u);
}

TEST(DropHallucinations, SkipsSilenceAtTheStart) {
  std::vector<Segment> segments = {invented(108, 109), spoken(110, 113, 0.8)};
  EXPECT_DOUBLE_EQ(drop_hallucinations(segments, kWindow, 2).value(), 108);
  EXPECT_TRUE(segments.empty());
}

TEST(DropHallucinations, DropsWhatStandsBetweenSilences) {
  std::vector<Segment> segments = {spoken(100.5, 103, 0.9), invented(110, 111),
                                   spoken(118, 120, 0.9)};
  auto copy = segments;
  EXPECT_DOUBLE_EQ(drop_hallucinations(copy, kWindow, 2).value(), 110);
  EXPECT_EQ(copy.size(), 1u);
  // The silences are too short for this threshold.
  EXPECT_FALSE(drop_hallucinations(segments, kWindow, 10));
  EXPECT_EQ(segments.size(), 3u);
}

TEST(DropHallucinations, KeepsWhatIsNextToSpeech) {
  std::vector<Segment> segments = {spoken(100.5, 109.8, 0.9, 20), invented(110, 111),
                                   spoken(111.2, 114, 0.9)};
  EXPECT_FALSE(drop_hallucinations(segments, kWindow, 2));
}

TEST(DropHallucinations, EndsTheRecordingWhenLittleIsLeft) {
  std::vector<Segment> segments = {spoken(100.5, 103, 0.9), invented(125, 126)};
  TimedWindow window = kWindow;
  window.audio_left = 27;
  EXPECT_DOUBLE_EQ(drop_hallucinations(segments, window, 2).value(), 127);
  EXPECT_EQ(segments.size(), 1u);
}

}  // namespace
}  // namespace steno::asr
