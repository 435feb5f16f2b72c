#include "pipeline/decode/timeline.h"

#include <gtest/gtest.h>

namespace steno::decode {
namespace {

TEST(Timeline, CountsFromTheOriginOrTheFirstStamp) {
  EXPECT_EQ(Timeline(0.0, std::nullopt).place(5.0, 1), 5);
  EXPECT_EQ(Timeline(3.0, std::nullopt).place(5.0, 1), 2);
  EXPECT_EQ(Timeline(std::nullopt, std::nullopt).place(5.0, 1), 0);
}

TEST(Timeline, FillsHolesAndIgnoresRounding) {
  Timeline timeline(0.0, std::nullopt);
  EXPECT_EQ(timeline.place(0.0, 1), 0);
  EXPECT_EQ(timeline.place(1.05, 1), 0);
  EXPECT_EQ(timeline.position(), 2);
  EXPECT_EQ(timeline.place(4.0, 1), 2);
  EXPECT_EQ(timeline.position(), 5);
  EXPECT_EQ(timeline.place(std::nullopt, 1), 0);
  EXPECT_EQ(timeline.place(6.0, 1), 0);
}

TEST(Timeline, DriftOfTheClockAddsUp) {
  // The time stamps grow 1 % faster than the samples.
  Timeline timeline(0.0, std::nullopt);
  for (int i = 0; i < 1000; ++i) timeline.place(i * 1.01, 1);
  EXPECT_NEAR(timeline.position(), 1010, 0.2);
}

TEST(Timeline, PaysBackOverlaps) {
  Timeline timeline(0.0, std::nullopt);
  timeline.place(0.0, 3);
  EXPECT_EQ(timeline.place(1.0, 1), 0);  // 2 s too early: kept, and 2 s ahead from here on
  EXPECT_EQ(timeline.position(), 4);
  EXPECT_EQ(timeline.place(5.0, 1), 1);  // right again
}

TEST(Timeline, StartsAnewAfterAJump) {
  Timeline timeline(0.0, std::nullopt);
  timeline.place(0.0, 100);
  EXPECT_EQ(timeline.place(0.0, 100), 0);  // two recordings in one file
  EXPECT_EQ(timeline.position(), 200);
  EXPECT_EQ(timeline.place(105.0, 1), 5);  // holes of the second one count
  EXPECT_EQ(timeline.place(1e6, 1), 0);    // no such hole
  EXPECT_EQ(timeline.position(), 207);
  EXPECT_EQ(timeline.place(1e6 + 3, 1), 2);
}

TEST(Timeline, BelievesNoStampBehindTheEnd) {
  Timeline timeline(0.0, 10.0);
  timeline.place(0.0, 1);
  EXPECT_EQ(timeline.place(20.0, 1), 0);
  EXPECT_EQ(timeline.position(), 2);
}

}  // namespace
}  // namespace steno::decode
