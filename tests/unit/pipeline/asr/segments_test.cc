#include "pipeline/asr/segments.h"

#include <gtest/gtest.h>

namespace steno::asr {
namespace {

constexpr int kZero = 1000;  // <|0.00|>
int at(double seconds) { return kZero + static_cast<int>(seconds * 50 + 0.5); }

const WindowSpan kMinuteWindow{60, 30, 3000};

TEST(SplitByTimestamps, CutsAtPairsAndLeavesTheUnfinished) {
  const std::vector<int> tokens = {at(0), 1, 2, at(4.2), at(4.2), 3, at(9), at(9), 4, 5};
  const auto split = split_by_timestamps(tokens, kZero, kMinuteWindow);
  ASSERT_EQ(split.segments.size(), 2u);
  EXPECT_DOUBLE_EQ(split.segments[0].start, 60);
  EXPECT_DOUBLE_EQ(split.segments[0].end, 64.2);
  EXPECT_EQ(split.segments[0].tokens, (std::vector<int>{at(0), 1, 2, at(4.2)}));
  EXPECT_DOUBLE_EQ(split.segments[1].start, 64.2);
  EXPECT_DOUBLE_EQ(split.segments[1].end, 69);
  EXPECT_EQ(split.advance, 900);
  EXPECT_FALSE(split.ends_in_single_timestamp);
}

TEST(SplitByTimestamps, SingleTimestampAtTheEndFinishesTheWindow) {
  const std::vector<int> tokens = {at(0), 1, at(4), at(5), 2, at(7)};
  const auto split = split_by_timestamps(tokens, kZero, kMinuteWindow);
  ASSERT_EQ(split.segments.size(), 2u);
  EXPECT_DOUBLE_EQ(split.segments[1].start, 65);
  EXPECT_DOUBLE_EQ(split.segments[1].end, 67);
  EXPECT_EQ(split.advance, 3000);
  EXPECT_TRUE(split.ends_in_single_timestamp);
}

TEST(SplitByTimestamps, WithoutAPairIsOneSegment) {
  const auto plain = split_by_timestamps(std::vector<int>{1, 2, 3}, kZero, {5, 12, 1200});
  ASSERT_EQ(plain.segments.size(), 1u);
  EXPECT_DOUBLE_EQ(plain.segments[0].start, 5);
  EXPECT_DOUBLE_EQ(plain.segments[0].end, 17);
  EXPECT_EQ(plain.advance, 1200);
  const auto timed =
      split_by_timestamps(std::vector<int>{at(0), 1, 2, at(3)}, kZero, kMinuteWindow);
  ASSERT_EQ(timed.segments.size(), 1u);
  EXPECT_DOUBLE_EQ(timed.segments[0].end, 63);
  const auto zero = split_by_timestamps(std::vector<int>{at(0), 1}, kZero, kMinuteWindow);
  EXPECT_DOUBLE_EQ(zero.segments[0].end, 90);
}

TEST(SplitByTimestamps, NothingEndsAfterTheAudio) {
  const std::vector<int> tokens = {at(0), 1, at(4), at(29), 2, at(30)};
  const auto split = split_by_timestamps(tokens, kZero, {0, 6, 600});
  for (const auto& segment : split.segments) {
    EXPECT_LE(segment.start, segment.end);
    EXPECT_LE(segment.end, 6);
  }
}

TEST(SplitByTimestamps, AnyTokensGiveOrderedTimes) {
  unsigned state = 1;
  for (int round = 0; round < 2000; ++round) {
    std::vector<int> tokens;
    for (int i = 0; i < round % 23; ++i) {
      state = state * 1664525 + 1013904223;
      tokens.push_back((state >> 16) % 2 ? kZero + (state >> 20) % 1501 : (state >> 20) % 900);
    }
    const auto split = split_by_timestamps(tokens, kZero, {1, 20, 2000});
    EXPECT_FALSE(split.segments.empty());
    for (const auto& segment : split.segments) {
      EXPECT_LE(1, segment.start);
      EXPECT_LE(segment.start, segment.end);
      EXPECT_LE(segment.end, 21);
    }
  }
}

}  // namespace
}  // namespace steno::asr
