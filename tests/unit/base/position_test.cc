#include "base/position.h"

#include <gtest/gtest.h>

namespace steno {
namespace {

TEST(Position, HasTenthsAndHoursOnlyIfNeeded) {
  EXPECT_EQ(position_text(-1), "0:00.0");
  EXPECT_EQ(position_text(12.38), "0:12.3");
  EXPECT_EQ(position_text(754), "12:34.0");
  EXPECT_EQ(position_text(3723.4), "1:02:03.4");
}

}  // namespace
}  // namespace steno
