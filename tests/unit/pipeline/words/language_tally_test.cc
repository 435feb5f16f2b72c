#include "pipeline/words/language_tally.h"

#include <gtest/gtest.h>

namespace steno {
namespace {

TEST(LanguageTally, MostSpeechDecidesNotMostWindows) {
  LanguageTally tally;
  EXPECT_TRUE(tally.empty());
  tally.add({"de", 0.5}, 10);
  tally.add({"en", 0.9}, 15);
  tally.add({"de", 0.8}, 20);
  tally.add({"fr", 1}, 0);
  EXPECT_FALSE(tally.empty());
  EXPECT_EQ(tally.most().language, "de");
  EXPECT_DOUBLE_EQ(tally.most().probability, 0.7);
}

}  // namespace
}  // namespace steno
