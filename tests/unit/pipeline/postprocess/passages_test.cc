#include "pipeline/postprocess/passages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "transcript/sentences.h"
#include "unit/pipeline/postprocess/spoken.h"

namespace steno::postprocess {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts(const std::vector<Passage>& passages) {
  std::vector<std::string> result;
  for (const Passage& passage : passages) {
    result.push_back((passage.speaker.empty() ? "" : passage.speaker + ": ") + passage.text());
  }
  return result;
}

std::vector<std::string> sentences(const std::vector<std::string>& words) {
  return texts(sentences_of(transcript_of({spoken(0, words)})));
}

Transcript shifted(Transcript transcript, double from, double by) {
  for (Segment& segment : transcript.segments) {
    if (segment.start >= from) segment.start += by;
    if (segment.end > from) segment.end += by;
    for (Word& word : segment.words) {
      if (word.start < from) continue;
      word.start += by;
      word.end += by;
    }
  }
  return transcript;
}

TEST(Sentences, EndByPunctuation) {
  EXPECT_THAT(sentences({" Is", " it?", " \"Yes!\"", " So", " be", " it…", " and", " go"}),
              ElementsAre("Is it?", "\"Yes!\"", "So be it…", "and go"));
  EXPECT_THAT(sentences({" مرحبا؟", " نعم"}), ElementsAre("مرحبا؟", "نعم"));
  EXPECT_THAT(sentences({" שלום.", " מה", " שלומך?"}), ElementsAre("שלום.", "מה שלומך?"));
  EXPECT_THAT(sentences({"はい", "。", "今日は", "雨です。」", "え"}),
              ElementsAre("はい。", "今日は雨です。」", "え"));
}

TEST(Sentences, DoNotEndWithAnAbbreviation) {
  EXPECT_THAT(sentences({" Dr.", " J.", " Levi", " vs.", " Mr.", " X.", " No.", " Fig.", " 5."}),
              ElementsAre("Dr. J. Levi vs. Mr. X. No.", "Fig. 5."));
  EXPECT_THAT(sentences({" Am", " 3.", " Mai,", " z.B.", " heute."}),
              ElementsAre("Am 3. Mai, z.B. heute."));
  EXPECT_THAT(sentences({" In", " 2019.", " It", " ended."}), ElementsAre("In 2019.", "It ended."));
  EXPECT_THAT(sentences({" wait...", " what?", " I", " see...", " Good."}),
              ElementsAre("wait... what?", "I see...", "Good."));
}

TEST(Sentences, EndAtALongPauseAndWithTheirSpeaker) {
  auto first = spoken(0, {" so", " then"});
  auto second = spoken(3.1, {" he", " said"});
  auto third = spoken(4.2, {" what"});
  third.speaker = "B";
  EXPECT_THAT(texts(sentences_of(transcript_of({first, second, third}))),
              ElementsAre("so then", "he said", "B: what"));
}

TEST(Sentences, AreNotEndlessWithoutPunctuation) {
  std::vector<std::string> words(400, " word");
  for (const Passage& passage : sentences_of(transcript_of({spoken(0, words)}))) {
    EXPECT_LE(passage.text().size(), 810U);
  }
}

TEST(Sentences, OfChannelsDoNotMix) {
  auto left = spoken(0, {" one", " two"});
  auto right = spoken(0.5, {" red."});
  auto more = spoken(1, {" three."});
  left.channel = more.channel = 0;
  right.channel = 1;
  const auto found = sentences_of(transcript_of({left, right, more}));
  EXPECT_THAT(texts(found), ElementsAre("one two three.", "red."));
  EXPECT_EQ(found[1].channel, 1);
}

TEST(Sentences, OfSegmentsWithoutWordsAreTheSegments) {
  Segment segment;
  segment.start = 1;
  segment.end = 2;
  segment.text = " One. Two.";
  const auto found = sentences_of(transcript_of({segment}));
  EXPECT_THAT(texts(found), ElementsAre("One. Two."));
  EXPECT_EQ(found[0].end, 2);
}

TEST(Utterances, EndAtPausesAndSpeakers) {
  auto first = spoken(0, {" One.", " Two."});
  auto second = spoken(1.9, {" Three.", " Four."});
  second.words[0].speaker = second.speaker = "";
  auto third = spoken(3, {" Five."});
  third.speaker = "B";
  const auto found = utterances_of(transcript_of({first, second, third}));
  EXPECT_THAT(texts(found), ElementsAre("One. Two.", "Three. Four.", "B: Five."));
  EXPECT_EQ(found[1].start, 1.9);
  EXPECT_EQ(found[1].end, 2.9);
}

TEST(Paragraphs, AreNotTooLong) {
  std::vector<std::string> words(25, " Yes.");
  const auto found = paragraphs_of(transcript_of({spoken(0, words), spoken(13, words)}));
  ASSERT_EQ(found.size(), 6U);
  EXPECT_EQ(found[0].sentences.size(), 10U);
  EXPECT_EQ(found[2].sentences.size(), 5U);  // a short pause ends a long sentence
}

TEST(Passages, SilenceChangesTimesOnly) {
  const auto plain = transcript_of({spoken(0, {" One", " two.", " Three."}),
                                    spoken(1.6, {" Four", " five."}), spoken(6, {" Six."})});
  for (const double from : {0.0, 5.0}) {  // before everything, and in a long pause
    for (const auto make : {sentences_of, utterances_of, paragraphs_of}) {
      const auto before = make(plain);
      const auto after = make(shifted(plain, from, 7.5));
      ASSERT_EQ(texts(before), texts(after));
      for (std::size_t i = 0; i < before.size(); ++i) {
        const double by = before[i].start >= from ? 7.5 : 0;
        EXPECT_DOUBLE_EQ(after[i].start, before[i].start + by);
        EXPECT_DOUBLE_EQ(after[i].end, before[i].end + by);
      }
    }
  }
}

}  // namespace
}  // namespace steno::postprocess
