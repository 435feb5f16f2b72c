#include "pipeline/asr/missed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pipeline/asr/scripted_engine.h"

namespace steno::asr {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A segment whose words follow each other, half a second each.
Segment spoken(double start, const std::vector<std::string>& words) {
  Segment segment;
  segment.start = start;
  for (const auto& word : words) {
    segment.words.push_back({start, start + 0.5, word, 0.9});
    segment.text += word;
    start += 0.5;
  }
  segment.end = start;
  return segment;
}

std::vector<std::pair<double, double>> missed(const std::vector<Segment>& segments,
                                              double seconds) {
  std::vector<std::pair<double, double>> stretches;
  for (const Stretch& stretch : find_missed(segments, seconds)) {
    stretches.emplace_back(stretch.begin, stretch.end);
  }
  return stretches;
}

TEST(FindMissed, NothingWhereWordsFollowEachOther) {
  EXPECT_THAT(missed({spoken(0.4, {" one", " two"}), spoken(3.9, {" three"})}, 6.9), IsEmpty());
}

TEST(FindMissed, BeforeBetweenAndAfterTheWords) {
  const std::vector<Segment> segments = {spoken(3, {" one", " two"}), spoken(7, {" three"})};
  EXPECT_THAT(missed(segments, 20),
              ElementsAre(std::pair(0.0, 3.0), std::pair(4.0, 7.0), std::pair(7.5, 20.0)));
}

TEST(FindMissed, AWordIsNotBelievedToLastForSeconds) {
  auto segment = spoken(1, {" one", " two"});
  segment.words[1].end = 9;  // stretched over the preceding speech
  EXPECT_THAT(missed({segment}, 10), ElementsAre(std::pair(1.5, 8.0)));
}

class InsertFound : public ::testing::Test {
 protected:
  InsertFound() : scripted_([](const SearchCall&) { return Hypothesis(); }) {}

  Segment said(double start, const std::vector<std::string>& words) const {
    Segment segment = spoken(start, words);
    segment.tokens = scripted_.tokenizer().encode(segment.text);
    return segment;
  }
  std::vector<Segment> insert(std::vector<Segment> segments, Stretch stretch,
                              std::vector<Segment> found) const {
    insert_found(segments, stretch, std::move(found), scripted_.tokenizer());
    return segments;
  }
  static std::vector<std::string> texts(const std::vector<Segment>& segments) {
    std::vector<std::string> all;
    for (const Segment& segment : segments) all.push_back(segment.text);
    return all;
  }

  ScriptedModel scripted_;
};

TEST_F(InsertFound, SplitsTheSegmentThatGoesOnAfterIt) {
  auto whole = said(0, {" Good", " morning", " everybody."});
  whole.words[2].start = 6;
  whole.words[2].end = whole.end = 6.5;
  whole.avg_logprob = -0.3;
  const auto segments = insert({whole}, {1, 6}, {said(2, {" Who", " is", " there?"})});
  EXPECT_THAT(texts(segments), ElementsAre(" Good morning", " Who is there?", " everybody."));
  EXPECT_DOUBLE_EQ(segments[0].end, 1);
  EXPECT_DOUBLE_EQ(segments[2].start, 6);
  EXPECT_EQ(segments[0].tokens, scripted_.tokenizer().encode(" Good morning"));
  EXPECT_EQ(segments[2].tokens, scripted_.tokenizer().encode(" everybody."));
  EXPECT_EQ(segments[2].words.size(), 1u);
  EXPECT_DOUBLE_EQ(segments[2].avg_logprob, -0.3);
}

TEST_F(InsertFound, GoesBetweenSegmentsAndBehindTheLast) {
  const auto one = said(0, {" One."});
  const auto two = said(4, {" Two."});
  EXPECT_THAT(texts(insert({one, two}, {0.5, 4}, {said(1, {" New."})})),
              ElementsAre(" One.", " New.", " Two."));
  EXPECT_THAT(texts(insert({one, two}, {4.5, 9}, {said(5, {" New."})})),
              ElementsAre(" One.", " Two.", " New."));
}

TEST_F(InsertFound, ShortensTheWordThatWasStretchedOverIt) {
  auto whole = said(0, {" One", " two."});
  whole.words[1].end = whole.end = 8;
  const auto segments = insert({whole}, {0.5, 7}, {said(2, {" New."})});
  ASSERT_EQ(segments.size(), 3u);
  EXPECT_DOUBLE_EQ(segments[2].start, 7);
  EXPECT_DOUBLE_EQ(segments[2].words[0].start, 7);
}

TEST_F(InsertFound, LeavesTheTextWholeWhenNothingIsFound) {
  const auto one = said(0, {" One", " two."});
  EXPECT_THAT(texts(insert({one}, {1, 9}, {})), ElementsAre(" One two."));
}

}  // namespace
}  // namespace steno::asr
