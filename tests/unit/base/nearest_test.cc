#include "base/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace steno {
namespace {

const std::vector<std::string> kChoices = {"transcribe", "translate", "beam_size", "cpu"};

TEST(Nearest, FindsTheMistypedWord) {
  EXPECT_EQ(nearest("transcrib", kChoices), "transcribe");
  EXPECT_EQ(nearest("trasnlate", kChoices), "translate");
  EXPECT_EQ(nearest("Beam-Sise", kChoices), "beam_size");
  EXPECT_EQ(nearest("cpy", kChoices), "cpu");
}

TEST(Nearest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("gpu0", kChoices), std::nullopt);
  EXPECT_EQ(nearest("", kChoices), std::nullopt);
  EXPECT_EQ(nearest(std::string(1000000, 'a'), kChoices), std::nullopt);
  EXPECT_EQ(nearest("cpu", {}), std::nullopt);
}

}  // namespace
}  // namespace steno
