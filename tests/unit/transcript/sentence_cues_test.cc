#include "transcript/sentence_cues.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "transcript/text.h"
#include "transcript/writers.h"
#include "unit/pipeline/postprocess/spoken.h"

namespace steno {
namespace {

using testing::Each;
using testing::ElementsAre;

std::vector<Cue> cues(const std::vector<Segment>& segments, const SubtitleOptions& options = {}) {
  const auto label = [](const Voice& voice) {
    return voice.speaker.empty() ? "" : voice.speaker + ": ";
  };
  SentenceCues cutter(options, label);
  std::vector<Cue> result;
  for (const Segment& segment : segments) cutter.add(segment, result);
  cutter.finish(result);
  return result;
}

std::string text_of(const Cue& cue) {
  std::string text;
  for (const auto& piece : cue.pieces) text += piece.word;
  std::ranges::replace(text, '\n', '|');
  return text;
}

std::vector<std::string> texts(const std::vector<Cue>& cues) {
  std::vector<std::string> result;
  for (const Cue& cue : cues) result.push_back(text_of(cue));
  return result;
}

/// A segment with this many seconds per word.
Segment said(double start, const std::string& sentence, double each = 0.3) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t end = std::min(sentence.find(' ', at), sentence.size());
    words.push_back(" " + sentence.substr(at, end - at));
    at = end + 1;
  }
  Segment segment = spoken(start, words);
  for (std::size_t i = 0; i < segment.words.size(); ++i) {
    segment.words[i].start = start + static_cast<double>(i) * each;
    segment.words[i].end = segment.words[i].start + each;
  }
  segment.end = segment.words.back().end;
  return segment;
}

TEST(SentenceCues, EndWithSentences) {
  EXPECT_THAT(
      texts(cues({said(0,
                       "We met in the old town on the first day of the year. Nobody else had "
                       "come, because of the snow.")})),
      ElementsAre("We met in the old town on|the first day of the year.",
                  "Nobody else had come, because of the snow."));
}

TEST(SentenceCues, RunOverTheBordersOfSegments) {
  EXPECT_THAT(texts(cues({said(0, "We met in the old"), said(1.5, "town on that day.")})),
              ElementsAre("We met in the old town on that day."));
}

TEST(SentenceCues, EndWithClausesWhereSentencesAreTooLong) {
  EXPECT_THAT(
      texts(cues({said(0,
                       "When all of the guests had finally arrived at the house, the host began "
                       "to speak about the garden, and everybody was quiet for a while.")})),
      ElementsAre(
          "When all of the guests had|finally arrived at the house,",
          "the host began to speak about the garden,|and everybody was quiet for a while."));
}

TEST(SentenceCues, HaveSeveralShortSentences) {
  EXPECT_THAT(texts(cues({said(0, "Yes. I know. Come in!")})),
              ElementsAre("Yes. I know. Come in!"));
  EXPECT_THAT(texts(cues({said(0, "Yes."), said(3, "I know.")})), ElementsAre("Yes.", "I know."));
}

TEST(SentenceCues, OfScriptsWithoutSpaces) {
  std::vector<std::string> words;
  for (const char* word :
       {"昨日", "は", "雨", "が", "降った", "ので、", "家", "で", "本", "を", "読んで",
        "いました。", "今日", "は", "とても", "良い", "天気", "です。"}) {
    words.emplace_back(word);
  }
  const auto found = texts(cues({spoken(0, words)}));
  EXPECT_THAT(found, ElementsAre("昨日は雨が降ったので、|家で本を読んでいました。",
                                 "今日はとても良い天気です。"));
}

TEST(SentenceCues, OfRightToLeftScriptsStayInTheOrderOfTheText) {
  EXPECT_THAT(texts(cues({said(0, "נפגשנו בעיר העתיקה ביום הראשון של השנה. אף אחד אחר לא הגיע.")})),
              ElementsAre("נפגשנו בעיר העתיקה ביום הראשון של השנה.|אף אחד אחר לא הגיע."));
}

TEST(SentenceCues, StayAsLongAsTheyTakeToRead) {
  const auto quick = cues({said(0, "Extraordinarily quick conversations.", 0.2), said(3, "Yes.")});
  ASSERT_EQ(quick.size(), 2U);
  EXPECT_DOUBLE_EQ(quick[0].end, 36 / 20.0);
  EXPECT_DOUBLE_EQ(quick[1].end, 4);
  // The next one starts immediately.
  const auto next =
      cues({said(0, "Extraordinarily quick conversations of ours.", 0.2), said(1.7, "Yes.")});
  ASSERT_EQ(next.size(), 2U);
  EXPECT_DOUBLE_EQ(next[0].end, 1.7);
}

TEST(SentenceCues, AreOfOneVoice) {
  auto first = said(0, "How are you");
  auto second = said(0.9, "fine thanks");
  auto third = said(0.95, "good");  // at the same time
  first.speaker = "A";
  second.speaker = third.speaker = "B";
  const auto found = cues({first, second, third});
  EXPECT_THAT(texts(found), ElementsAre("How are you", "fine thanks", "good"));
  EXPECT_EQ(found[1].voice.speaker, "B");
}

TEST(SentenceCues, TakeTheLimitsThatAreGiven) {
  SubtitleOptions options;
  options.max_line_width = 16;
  options.max_line_count = 1;
  EXPECT_THAT(texts(cues({said(0, "We met in the old town, not here.")}, options)),
              ElementsAre("We met in", "the old town,", "not here."));
  options = {};
  options.max_words_per_line = 3;
  EXPECT_THAT(texts(cues({said(0, "We met in the old town.")}, options)),
              ElementsAre("We met in", "the old town."));
  // The label takes space on the first line.
  auto segment = said(0, "One two three");
  segment.speaker = "ABCDEF";
  options = {};
  options.max_line_width = 16;
  EXPECT_THAT(texts(cues({segment}, options)), ElementsAre("One two|three"));
}

TEST(SentenceCues, HoldEveryWordOnceInOrder) {
  std::mt19937 random(3);
  const std::vector<std::string> stock = {"a",
                                          "word",
                                          "longer,",
                                          "sentence.",
                                          "extraordinarily",
                                          "שלום,",
                                          "日本",
                                          "end!",
                                          "Incomprehensibilities"};
  for (int round = 0; round < 60; ++round) {
    std::vector<Segment> segments;
    std::string all;
    double start = 0;
    for (int i = 0; i < 6; ++i) {
      std::string text;
      for (unsigned n = 1 + random() % 80; n > 0; --n) {
        text += (text.empty() ? "" : " ") + stock[random() % stock.size()];
      }
      segments.push_back(said(start, text, 0.1 + 0.1 * static_cast<double>(random() % 4)));
      start = segments.back().end + static_cast<double>(random() % 3);
      all += (all.empty() ? "" : " ") + text;
    }
    std::string shown;
    double last = 0;
    for (const Cue& cue : cues(segments)) {
      std::string text = text_of(cue);
      for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('|', at), text.size());
        EXPECT_LE(text::length(std::string_view(text).substr(at, end - at)), 42);
        at = end + 1;
      }
      EXPECT_LE(std::ranges::count(text, '|'), 1);
      std::ranges::replace(text, '|', ' ');
      shown += (shown.empty() ? "" : " ") + text;
      EXPECT_GE(cue.start, last - 1e-9);
      EXPECT_GE(cue.end, cue.start);
      last = cue.end;
    }
    EXPECT_EQ(shown, all);
  }
}

}  // namespace
}  // namespace steno
