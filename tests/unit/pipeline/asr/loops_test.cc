#include "pipeline/asr/loops.h"

#include <gtest/gtest.h>

#include <random>

namespace steno::asr {
namespace {

constexpr int kTextEnd = 1000;

std::vector<int> repeat(std::vector<int> start, const std::vector<int>& phrase, int times) {
  for (int i = 0; i < times; ++i) start.insert(start.end(), phrase.begin(), phrase.end());
  return start;
}

TEST(Loops, FindsPhraseSaidToTheEnd) {
  const auto tokens = repeat({1, 2, 3}, {7, 8, 9, 10}, 6);
  const auto loop = find_loop(tokens);
  ASSERT_TRUE(loop);
  EXPECT_EQ(loop->begin, 3u);
  EXPECT_EQ(loop->end, tokens.size());
  EXPECT_EQ(loop->period, 4u);
  EXPECT_EQ(loop->repeats, 6u);
}

TEST(Loops, CountsAPeriodThatIsCutShort) {
  auto tokens = repeat({1, 2}, {7, 8, 9, 10, 11}, 5);
  tokens.insert(tokens.end(), {7, 8});
  const auto loop = find_loop(tokens);
  ASSERT_TRUE(loop);
  EXPECT_EQ(loop->end, tokens.size());
  EXPECT_EQ(loop->repeats, 5u);
}

TEST(Loops, FindsOneInTheMiddle) {
  auto tokens = repeat({1, 2, 3}, {5}, 30);
  tokens.insert(tokens.end(), {20, 21, 22, 23});
  const auto loop = find_loop(tokens);
  ASSERT_TRUE(loop);
  EXPECT_EQ(loop->period, 1u);
  EXPECT_EQ(loop->begin, 3u);
  EXPECT_EQ(loop->end, 33u);
}

TEST(Loops, LeavesWhatPeopleSay) {
  EXPECT_FALSE(find_loop({}));
  EXPECT_FALSE(find_loop(repeat({1}, {5, 6}, 4)));             // no, no, no, no
  EXPECT_FALSE(find_loop(repeat({1}, {5}, 12)));               // ha ha ha
  EXPECT_FALSE(find_loop(repeat({}, {1, 2, 3, 4, 5, 6}, 3)));  // a refrain
  std::vector<int> counting(200);
  for (int i = 0; i < 200; ++i) counting[i] = i;
  EXPECT_FALSE(find_loop(counting));
}

TEST(Loops, LooksThroughTimestamps) {
  std::vector<int> tokens;
  for (int i = 0; i < 8; ++i) {
    tokens.push_back(1500 + 2 * i);
    tokens.insert(tokens.end(), {4, 5, 6});
    tokens.push_back(1501 + 2 * i);
  }
  EXPECT_FALSE(find_loop(tokens));
  const auto loop = find_text_loop(tokens, kTextEnd);
  ASSERT_TRUE(loop);
  EXPECT_EQ(loop->period, 3u);
  EXPECT_EQ(cut_at_loop(tokens, kTextEnd), (std::vector<int>{1500, 4, 5, 6}));
}

TEST(Loops, CutsAfterTheFirstTime) {
  EXPECT_EQ(cut_at_loop(repeat({1, 2, 3}, {7, 8}, 40), kTextEnd),
            (std::vector<int>{1, 2, 3, 7, 8}));
  const std::vector<int> plain = {1, 2, 3, 4};
  EXPECT_EQ(cut_at_loop(plain, kTextEnd), plain);
}

// For any tokens, the loop is inside them, really repeats, and is cut completely.
TEST(Loops, HoldsForRandomTokens) {
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    std::vector<int> tokens(random() % 120);
    for (int& token : tokens) token = static_cast<int>(random() % (1 + round % 4));
    const auto loop = find_loop(tokens);
    if (!loop) continue;
    ASSERT_LE(loop->end, tokens.size());
    for (size_t i = loop->begin + loop->period; i < loop->end; ++i) {
      ASSERT_EQ(tokens[i], tokens[i - loop->period]);
    }
    EXPECT_LT(cut_at_loop(tokens, kTextEnd).size(), tokens.size());
  }
}

}  // namespace
}  // namespace steno::asr
