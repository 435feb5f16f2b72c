#include "pipeline/postprocess/running_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pipeline/postprocess/spoken.h"

namespace steno::postprocess {
namespace {

using testing::ElementsAre;

/// The transcript with `from` replaced by `to` where it is first.
Transcript with(Transcript transcript, const std::string& from, const std::string& to) {
  return edited(std::move(transcript), [&](const std::string& text) {
    const auto at = text.find(from);
    return at == std::string::npos ? std::vector<Edit>()
                                   : std::vector<Edit>{{at, at + from.size(), to}};
  });
}

/// "word start-end" of each word of all segments, after checking that text and words match.
std::vector<std::string> words_in(const Transcript& transcript) {
  std::vector<std::string> result;
  for (const Segment& segment : transcript.segments) {
    std::string joined;
    double last = segment.start;
    for (const Word& word : segment.words) {
      joined += word.word;
      EXPECT_LE(last, word.start);
      EXPECT_LE(word.start, word.end);
      last = word.end;
      std::string times(32, ' ');
      times.resize(static_cast<std::size_t>(
          std::snprintf(times.data(), times.size(), " %g-%g", word.start, word.end)));
      result.push_back(word.word + times);
    }
    EXPECT_EQ(joined, segment.text);
    result.push_back("/");
  }
  return result;
}

TEST(RunningText, ChangesAWordInPlace) {
  EXPECT_THAT(words_in(with(transcript_of({spoken(0, {" My", " Stenno."})}), "Stenno", "Steno")),
              ElementsAre(" My 0-0.5", " Steno. 0.5-1", "/"));
}

TEST(RunningText, WhatSpansWordsSharesTheirTime) {
  const auto plain = transcript_of({spoken(0, {" by", " two", " four,", " say"})});
  EXPECT_THAT(words_in(with(plain, "two four", "24")),
              ElementsAre(" by 0-0.5", " 24, 0.5-1.5", " say 1.5-2", "/"));
  EXPECT_THAT(words_in(with(plain, "two four", "abc de")),
              ElementsAre(" by 0-0.5", " abc 0.5-1", " de, 1-1.5", " say 1.5-2", "/"));
  EXPECT_THAT(words_in(with(plain, "o f", "-")),
              ElementsAre(" by 0-0.5", " tw-our, 0.5-1.5", " say 1.5-2", "/"));
}

TEST(RunningText, WhatIsErasedLeavesTheTimesOfTheRest) {
  const auto plain = transcript_of({spoken(0, {" So,", " um,", " yes", " uh."})});
  EXPECT_THAT(words_in(with(plain, " um,", "")),
              ElementsAre(" So, 0-0.5", " yes 1-1.5", " uh. 1.5-2", "/"));
  EXPECT_THAT(words_in(with(plain, " uh", "")),
              ElementsAre(" So, 0-0.5", " um, 0.5-1", " yes. 1-1.5", "/"));
  EXPECT_THAT(words_in(with(plain, ", um", "")),
              ElementsAre(" So, 0-0.5", " yes 1-1.5", " uh. 1.5-2", "/"));
}

TEST(RunningText, WhatSpansSegmentsIsInTheFirst) {
  const auto plain = transcript_of(
      {spoken(0, {" is", " 41", " 11"}), spoken(2, {" 22", " 33."}), spoken(5, {" Yes."})});
  EXPECT_THAT(words_in(with(plain, "41 11 22 33", "[X]")),
              ElementsAre(" is 0-0.5", " [X]. 0.5-1.5", "/", " Yes. 5-5.5", "/"));
  const auto result = with(plain, "11 22", "[X]");
  EXPECT_THAT(words_in(result), ElementsAre(" is 0-0.5", " 41 0.5-1", " [X] 1-1.5", "/",
                                            " 33. 2.5-3", "/", " Yes. 5-5.5", "/"));
  EXPECT_EQ(with(plain, "41 11 22 33", "[X]").segments[1].id, 1);
}

TEST(RunningText, SegmentsWithoutWordsAreText) {
  Segment first;
  first.text = " one two";
  Segment second;
  second.text = "three.";
  auto result = with(transcript_of({first, second}), "two three", "2 3");
  EXPECT_EQ(result.segments[0].text, " one 2 3.");
  ASSERT_EQ(result.segments.size(), 1U);
  EXPECT_TRUE(result.segments[0].words.empty());
}

TEST(RunningText, ChannelsAreApart) {
  auto left = spoken(0, {" 41"});
  auto right = spoken(0.2, {" 99"});
  auto more = spoken(1, {" 11"});
  left.channel = more.channel = 0;
  right.channel = 1;
  const auto result = with(transcript_of({left, right, more}), "41 11", "[X]");
  EXPECT_THAT(lines_of(result), ElementsAre(" [X]", " 99"));
}

TEST(RunningText, WithoutEditsNothingChanges) {
  const std::string bad = " \xE7\xA0";
  const auto result = with(transcript_of({spoken(0, {bad, " a", "  ", " b"})}), "x", "y");
  EXPECT_EQ(result.segments[0].text, bad + " a   b");
  EXPECT_EQ(result.segments[0].words.size(), 4U);
}

}  // namespace
}  // namespace steno::postprocess
