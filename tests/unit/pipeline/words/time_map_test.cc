#include "pipeline/words/time_map.h"

#include <gtest/gtest.h>

namespace steno {
namespace {

using Edge = TimeMap::Edge;

/// 1 to 3 s and 10 to 14 s of a recording.
TimeMap two_pieces() {
  TimeMap map;
  map.add(16000, 32000);
  map.add(160'000, 64000);
  return map;
}

TEST(TimeMap, IsExactWithinPieces) {
  const TimeMap map = two_pieces();
  EXPECT_DOUBLE_EQ(map.to_recording(0, Edge::start), 1);
  EXPECT_DOUBLE_EQ(map.to_recording(1.234, Edge::start), 2.234);
  EXPECT_DOUBLE_EQ(map.to_recording(2.5, Edge::end), 10.5);
  EXPECT_DOUBLE_EQ(map.to_recording(6, Edge::end), 14);
}

TEST(TimeMap, PutsWhatBeginsAtASeamAfterItAndWhatEndsBeforeIt) {
  const TimeMap map = two_pieces();
  EXPECT_DOUBLE_EQ(map.to_recording(2, Edge::start), 10);
  EXPECT_DOUBLE_EQ(map.to_recording(2, Edge::end), 3);
  EXPECT_DOUBLE_EQ(map.to_recording(1.99, Edge::start), 10);
  EXPECT_DOUBLE_EQ(map.to_recording(2.01, Edge::end), 3);
}

TEST(TimeMap, StaysInTheRecording) {
  const TimeMap map = two_pieces();
  EXPECT_DOUBLE_EQ(map.to_recording(7, Edge::end), 14);
  EXPECT_DOUBLE_EQ(map.to_recording(-1, Edge::start), 1);
}

TEST(TimeMap, GivesTheRangesThatAPartWasTakenFrom) {
  const TimeMap map = two_pieces();
  EXPECT_EQ(map.ranges(0.5, 1.5), (std::vector<TimeRange>{{1.5, 2.5}}));
  EXPECT_EQ(map.ranges(1, 3), (std::vector<TimeRange>{{2, 3}, {10, 11}}));
  EXPECT_EQ(map.ranges(2, 9), (std::vector<TimeRange>{{10, 14}}));
  EXPECT_TRUE(map.ranges(1, 1).empty());
}

TEST(TimeMap, JoinsPiecesWithoutAGap) {
  TimeMap map;
  map.add(0, 16000);
  map.add(16000, 16000);
  EXPECT_DOUBLE_EQ(map.to_recording(1, Edge::start), 1);
  EXPECT_DOUBLE_EQ(map.to_recording(1.01, Edge::end), 1.01);
  EXPECT_EQ(map.length(), 32000);
}

TEST(TimeMap, KeepsAWordInThePieceWhereMostOfItIs) {
  Segment segment;
  segment.start = 1.5;
  segment.end = 3;
  segment.words = {{1.5, 1.9, " before", 1}, {1.9, 2.5, " after", 1}, {2.5, 3, " end", 1}};
  two_pieces().restore(segment);
  EXPECT_DOUBLE_EQ(segment.words[0].start, 2.5);
  EXPECT_DOUBLE_EQ(segment.words[0].end, 2.9);
  EXPECT_DOUBLE_EQ(segment.words[1].start, 10);
  EXPECT_DOUBLE_EQ(segment.words[1].end, 10.5);
  EXPECT_DOUBLE_EQ(segment.start, 2.5);
  EXPECT_DOUBLE_EQ(segment.end, 11);
}

TEST(TimeMap, IsNotReportedOverSilenceThatWasLeftOut) {
  Segment segment;
  segment.start = 2;
  segment.end = 2.01;
  two_pieces().restore(segment);
  EXPECT_DOUBLE_EQ(segment.start, 10);
  EXPECT_GE(segment.end, segment.start);
}

TEST(TimeMap, ForgetsWhatIsDone) {
  TimeMap map = two_pieces();
  map.forget_before(4);
  EXPECT_EQ(map.start(), 160'000);
  EXPECT_DOUBLE_EQ(map.to_recording(4, Edge::start), 12);
  EXPECT_EQ(map.length(), 96000);
  map.add(320'000, 16000);
  EXPECT_DOUBLE_EQ(map.to_recording(6.5, Edge::start), 20.5);
}

}  // namespace
}  // namespace steno
