#include "domain/stage.h"

#include <gtest/gtest.h>

namespace steno {
namespace {

TEST(Stage, HasANameThatIsReadBack) {
  for (int i = 0; i <= static_cast<int>(Stage::done); ++i) {
    const auto stage = static_cast<Stage>(i);
    EXPECT_FALSE(to_string(stage).empty());
    EXPECT_EQ(parse_stage(to_string(stage)), stage);
  }
  EXPECT_EQ(to_string(Stage::postprocessing), "postprocessing");
  EXPECT_FALSE(parse_stage("hearing"));
}

}  // namespace
}  // namespace steno
