#include "pipeline/postprocess/replace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "options/replace_rule.h"
#include "unit/pipeline/postprocess/spoken.h"

namespace steno::postprocess {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string text(const std::vector<std::string>& words, const std::vector<ReplaceRule>& rules) {
  const auto result = replaced(transcript_of({spoken(0, words)}), rules);
  EXPECT_THAT(result.warnings, IsEmpty());
  return result.text();
}

std::string refusal(const std::string& pattern, const std::string& replacement = "") {
  const auto checked = check_rule({pattern, replacement});
  return checked ? "accepted" : checked.error().message;
}

TEST(Replace, PutsOneTextForAnother) {
  EXPECT_EQ(text({" Hello", " stenno,", " stenno."}, {{"stenno", "Steno"}}), "Hello Steno, Steno.");
  EXPECT_EQ(text({" A", " B", " C"}, {{"A B", "X"}, {"X C", "Y"}}), "Y");
  EXPECT_EQ(text({" Levi,", " Dana"}, {{R"((\w+), (\w+))", R"(\2 \1)"}}), "Dana Levi");
  EXPECT_EQ(text({" Kubernetes"}, {{"(?i)kuber.*s", "K8s"}}), "K8s");
  EXPECT_EQ(text({" שלום", " עולם"}, {{"שלום", "היי"}}), "היי עולם");
  EXPECT_EQ(text({"东", "京", "都"}, {{"东京", "東京"}}), "東京都");
}

TEST(Replace, IgnoresWhatIsEmpty) {
  EXPECT_EQ(text({" aéb"}, {{"x*", "-"}}), "aéb");
  EXPECT_EQ(text({" axb"}, {{"x*", "-"}}), "a-b");
  EXPECT_EQ(text({" a", " b"}, {{"$", "!"}}), "a b");
}

TEST(Replace, KeepsTheTimesOfWords) {
  const auto result =
      replaced(transcript_of({spoken(0, {" New", " York", " City", " is"})}), {{"New York", "NY"}});
  const auto& words = result.segments[0].words;
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[0].word, " NY");
  EXPECT_EQ(words[0].start, 0);
  EXPECT_EQ(words[0].end, 1);
  EXPECT_EQ(words[1].start, 1);
}

TEST(Replace, PutsNoLineBreaksIntoAText) {
  EXPECT_EQ(text({" a", " b"}, {{"a", "x\n\ny"}}), "x  y b");
}

TEST(Replace, RefusesARuleWithItsPlaceAndReason) {
  EXPECT_EQ(refusal("a+"), "accepted");
  EXPECT_EQ(refusal("שלום (a|b"), "pattern: at character 10, missing ): שלום (a|b");
  EXPECT_THAT(refusal("ab[z-a]"),
              HasSubstr("pattern: at character 4, invalid character class range"));
  EXPECT_THAT(refusal("a(?=b)"), HasSubstr("pattern: at character 2, invalid perl operator: (?="));
  EXPECT_THAT(refusal("x**"), HasSubstr("pattern: at character 2, bad repetition operator: **"));
  EXPECT_THAT(refusal("(a)", R"(\2)"), HasSubstr("replacement: "));
  EXPECT_THAT(refusal("a", R"(\x)"), HasSubstr("replacement: "));
  EXPECT_THAT(refusal(""), HasSubstr("must not be empty"));
  EXPECT_THAT(refusal(std::string(1001, 'a')), HasSubstr("at most 1000 characters"));
  EXPECT_THAT(refusal("a", std::string(1001, 'a')), HasSubstr("at most 1000 characters"));
  EXPECT_THAT(refusal("(?i:\\pL{1000})"), HasSubstr("too large"));
  EXPECT_THAT(refusal("a\xFF"), HasSubstr("invalid UTF-8"));
}

TEST(Replace, NeverHangsNorGrowsWithoutEnd) {
  const std::vector<std::string> words(3000, " aaaa");
  const auto spoken_long = transcript_of({spoken(0, words)});
  std::vector<ReplaceRule> rules(30, {"a", "aaaa"});
  const auto grown = replaced(spoken_long, rules);
  EXPECT_THAT(grown.warnings, testing::Contains(HasSubstr("would become too long")));
  EXPECT_LT(grown.text().size(), 5 * spoken_long.text().size() + 65'536);
  EXPECT_THAT(replaced(spoken_long, {{"(a*)*b", "x"}, {"(a|aa)+$", "x"}}).warnings, IsEmpty());
}

TEST(Replace, AllRulesHaveOneLimit) {
  const auto spoken_long = transcript_of({spoken(0, std::vector<std::string>(3000, " a"))});
  // Three times as much text, a hundred times.
  const auto grown =
      replaced(spoken_long, std::vector<ReplaceRule>(100, {"(\\w+)", "\\1 \\1 \\1"}));
  EXPECT_LT(grown.text().size(), 5 * spoken_long.text().size() + 65'536);
  EXPECT_GT(grown.warnings.size(), 95U);
  // A rule that is left out costs the next one nothing.
  EXPECT_EQ(replaced(spoken_long, {{"a", std::string(900, 'b')}, {"a", "b"}}).warnings.size(), 1U);
}

TEST(Replace, StopsWhenItIsCancelled) {
  std::stop_source stop;
  stop.request_stop();
  const auto result = replaced(transcript_of({spoken(0, {" a"})}), {{"a", "b"}}, stop.get_token());
  EXPECT_EQ(result.text(), "a");
}

TEST(Replace, LeavesABadRuleOutWithAWarning) {
  const auto result = replaced(transcript_of({spoken(0, {" a"})}), {{"a", "b"}, {"(", "c"}});
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("replace[1] is left out: pattern")));
  EXPECT_EQ(result.text(), "b");
}

}  // namespace
}  // namespace steno::postprocess
