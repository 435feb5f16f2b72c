#include "pipeline/postprocess/speakers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transcript/json.h"
#include "unit/pipeline/postprocess/spoken.h"

namespace steno::postprocess {
namespace {

using testing::ElementsAre;

const std::vector<std::string> kNames = {"A", "B"};

std::vector<std::string> lines(const std::vector<Segment>& segments,
                               const std::vector<Turn>& turns) {
  return lines_of(with_speakers(transcript_of(segments), turns, kNames));
}

TEST(Speakers, CutSegmentsWhereTheyChange) {
  Segment segment = spoken(10, {" How", " are", " you?", " Fine,", " thanks.", " Good."});
  segment.tokens = {1, 2, 3};
  segment.avg_logprob = -0.5;
  const auto result = with_speakers(transcript_of({segment, spoken(20, {" Well."})}),
                                    {{10, 11.6, 0}, {11.6, 12.4, 1}, {12.6, 21, 0}}, kNames);
  EXPECT_THAT(lines_of(result),
              ElementsAre("A: How are you?", "B: Fine, thanks.", "A: Good.", "A: Well."));
  const auto& parts = result.segments;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(parts[static_cast<std::size_t>(i)].id, i);
  EXPECT_EQ(parts[0].start, 10);
  EXPECT_EQ(parts[0].end, 11.5);
  EXPECT_EQ(parts[1].start, 11.5);
  EXPECT_EQ(parts[2].end, 13);
  EXPECT_EQ(parts[1].words[0].speaker, "B");
  EXPECT_EQ(parts[1].avg_logprob, -0.5);
  EXPECT_THAT(parts[0].tokens, ElementsAre(1, 2, 3));
  EXPECT_TRUE(parts[1].tokens.empty());
  EXPECT_EQ(result.text(), "How are you? Fine, thanks. Good. Well.");
}

TEST(Speakers, ActiveLongestDuringAWordHasIt) {
  EXPECT_THAT(lines({spoken(0, {" Yes.", " No."})}, {{0, 0.7, 0}, {0.7, 1, 1}}),
              ElementsAre("A: Yes.", "B: No."));
}

TEST(Speakers, WithOverlapTheSentenceDecides) {
  // Both are active during "three four"; the sentence is A's.
  EXPECT_THAT(lines({spoken(0, {" One", " two", " three", " four."})}, {{0, 2, 0}, {0.9, 5, 1}}),
              ElementsAre("A: One two three four."));
  EXPECT_THAT(lines({spoken(0, {" One", " two", " three", " four."})}, {{0, 1.1, 0}, {0, 5, 1}}),
              ElementsAre("B: One two three four."));
}

TEST(Speakers, ALoneWordAtASeamGoesWithItsSentence) {
  const auto talk = spoken(0, {" That", " is", " it.", " And", " you", " agree?"});
  // A turn that ends a word late, and one that ends a word early.
  EXPECT_THAT(lines({talk}, {{0, 2.1, 0}, {2.1, 3, 1}}),
              ElementsAre("A: That is it.", "B: And you agree?"));
  EXPECT_THAT(lines({talk}, {{0, 0.9, 0}, {0.9, 3, 1}}),
              ElementsAre("A: That is it.", "B: And you agree?"));
  // Two words are more than a border effect.
  EXPECT_THAT(lines({talk}, {{0, 2.6, 0}, {2.6, 3, 1}}),
              ElementsAre("A: That is it. And you agree?"));
  EXPECT_THAT(
      lines({spoken(0, {" It", " is.", " So", " you", " say", " now."})}, {{0, 2, 0}, {2, 9, 1}}),
      ElementsAre("A: It is. So you", "B: say now."));
  // A sentence of one word keeps its speaker.
  EXPECT_THAT(lines({spoken(0, {" Is", " it?", " Yes.", " It", " is."})},
                    {{0, 1, 0}, {1, 1.5, 1}, {1.5, 3, 0}}),
              ElementsAre("A: Is it?", "B: Yes.", "A: It is."));
}

TEST(Speakers, CharactersOfAScriptWithoutSpacesCountTogether) {
  Segment segment = spoken(0, {"は", "い", "。", "今", "日", "は", "雨", "で", "す", "。"});
  for (std::size_t i = 0; i < segment.words.size(); ++i) {
    segment.words[i].start = static_cast<double>(i) * 0.1;
    segment.words[i].end = segment.words[i].start + 0.1;
  }
  EXPECT_THAT(lines({segment}, {{0, 0.5, 0}, {0.5, 1, 1}}),
              ElementsAre("A:はい。", "B:今日は雨です。"));
}

TEST(Speakers, AWordOutsideAllTurnsGetsTheNearestSpeaker) {
  const std::vector<Segment> segments = {spoken(5, {" Hello.", " There."})};
  EXPECT_THAT(lines(segments, {{0, 1, 1}, {6.2, 7, 0}}), ElementsAre("A: Hello. There."));
  EXPECT_THAT(lines(segments, {{0, 1, 1}, {9, 10, 0}}), ElementsAre(" Hello. There."));
  EXPECT_THAT(lines(segments, {}), ElementsAre(" Hello. There."));
}

TEST(Speakers, ASegmentWithoutWordsIsNotCut) {
  Segment plain;
  plain.end = 10;
  plain.text = " All of it.";
  const auto result =
      with_speakers(transcript_of({plain}), {{0, 4, 0}, {4, 10, 1}, {20, 21, 0}}, kNames);
  EXPECT_THAT(lines_of(result), ElementsAre("B: All of it."));
  EXPECT_THAT(result.segments[0].speakers, ElementsAre("B", "A"));
}

TEST(Speakers, ListAllSpeakersWithTheirTalkTime) {
  const auto result =
      with_speakers(transcript_of({spoken(0, {" One", " two", " three", " four."})}),
                    {{0, 2, 0}, {0.5, 1.1, 1}, {30, 31, 1}}, kNames);
  EXPECT_THAT(result.segments[0].speakers, ElementsAre("A", "B"));
  ASSERT_EQ(result.speakers.size(), 2U);
  EXPECT_EQ(result.speakers[1].name, "B");
  EXPECT_NEAR(result.speakers[1].seconds, 1.6, 1e-9);
  EXPECT_EQ(result.turns.size(), 3U);
}

TEST(Speakers, OtherNamesChangeNothingElse) {
  const std::vector<Segment> segments = {spoken(0, {" Is", " it?", " Yes.", " It", " is."})};
  const std::vector<Turn> turns = {{0, 1, 0}, {0.8, 1.6, 1}, {1.5, 3, 0}};
  const auto plain = with_speakers(transcript_of(segments), turns, {"x", "y"});
  auto named = to_json(with_speakers(transcript_of(segments), turns, {"#0#", "#1#"}));
  for (const auto& [from, to] : {std::pair("#0#", "x"), std::pair("#1#", "y")}) {
    for (auto at = named.find(from); at != std::string::npos; at = named.find(from)) {
      named.replace(at, 3, to);
    }
  }
  EXPECT_EQ(named, to_json(plain));
}

TEST(Speakers, ChannelsCanBeSpeakers) {
  auto left = spoken(0, {" One."});
  auto right = spoken(0.2, {" Two."});
  left.channel = 0;
  right.channel = 1;
  const auto result = with_channels_as_speakers(transcript_of({right, left}), {"Agent"});
  EXPECT_THAT(lines_of(result), ElementsAre("SPEAKER_01: Two.", "Agent: One."));
  EXPECT_EQ(result.speakers[0].name, "SPEAKER_01");
  EXPECT_EQ(result.turns[1].speaker, 1);
  EXPECT_EQ(result.segments[1].words[0].speaker, "Agent");
}

}  // namespace
}  // namespace steno::postprocess
