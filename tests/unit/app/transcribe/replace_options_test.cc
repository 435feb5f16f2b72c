#include "app/transcribe/replace_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steno::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ReplaceFile, HasARuleOnALine) {
  const auto rules = read_rules("# names\n\nstenno=>Steno\r\n\\s+=> \nend=>");
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_THAT(*rules, ElementsAre(ReplaceRule{"stenno", "Steno"}, ReplaceRule{"\\s+", " "},
                                  ReplaceRule{"end", ""}));
}

TEST(ReplaceFile, MayBeTheJsonOfTheApi) {
  const auto rules = read_rules(R"([{"pattern": "a", "replacement": "b"}])");
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_THAT(*rules, ElementsAre(ReplaceRule{"a", "b"}));
}

TEST(ReplaceFile, NamesTheLineThatIsWrong) {
  EXPECT_THAT(read_rules("a=>b\nc").error().message, HasSubstr("line 2: replace must be"));
  EXPECT_THAT(read_rules("a=>b\n\n[z-a]=>x").error().message,
              HasSubstr("line 3: replace[0]: pattern: at character 2"));
  EXPECT_THAT(read_rules("[1]").error().message, HasSubstr("replace must be a list"));
}

}  // namespace
}  // namespace steno::app
