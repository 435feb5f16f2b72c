#include "api/jobs/shown_results.h"

#include <gtest/gtest.h>

namespace steno::api {
namespace {

ShownResults::Text text(size_t bytes) { return std::make_shared<const std::string>(bytes, 'x'); }

TEST(ShownResults, GivesWhatItKeeps) {
  ShownResults shown(100);
  EXPECT_EQ(shown.find("a"), nullptr);
  const auto kept = text(10);
  shown.keep("a", kept);
  EXPECT_EQ(shown.find("a"), kept);
}

TEST(ShownResults, LetsTheLeastLatelyShownGo) {
  ShownResults shown(100);
  shown.keep("a", text(40));
  shown.keep("b", text(40));
  shown.find("a");
  shown.keep("c", text(40));
  EXPECT_NE(shown.find("a"), nullptr);
  EXPECT_EQ(shown.find("b"), nullptr);
  EXPECT_NE(shown.find("c"), nullptr);
}

TEST(ShownResults, KeepsNothingThatIsTooLarge) {
  ShownResults shown(100);
  shown.keep("a", text(101));
  EXPECT_EQ(shown.find("a"), nullptr);
}

}  // namespace
}  // namespace steno::api
