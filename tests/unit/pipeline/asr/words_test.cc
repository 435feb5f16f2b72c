#include "pipeline/asr/words.h"

#include <gtest/gtest.h>

#include <random>

namespace steno::asr {
namespace {

constexpr int kWordsTextEnd = 1000;
const Punctuation kPunctuation{"\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"};

std::vector<TimedWord> words_of(const std::vector<std::string>& texts) {
  std::vector<TimedWord> words;
  for (const auto& text : texts) {
    const double start = 0.3 * static_cast<double>(words.size());
    words.push_back({text, 1, start, start + 0.3, 0.9});
  }
  return words;
}

std::vector<std::string> texts_of(const std::vector<TimedWord>& words) {
  std::vector<std::string> texts;
  for (const auto& word : words) texts.push_back(word.text);
  return texts;
}

using Texts = std::vector<std::string>;

TEST(MergePunctuation, JoinsToTheWordItBelongsTo) {
  auto words = words_of({" He", " said", ",", " \"", "Go", "!", "\"", " (", "then", ")", "."});
  merge_punctuation(words, kPunctuation);
  EXPECT_EQ(texts_of(words),
            (Texts{" He", " said,", "", "", " \"Go!\"", "", "", "", " (then).", "", ""}));
  EXPECT_EQ(words[4].tokens, 4u);
  EXPECT_EQ(words[3].tokens, 0u);
}

TEST(MergePunctuation, TakesOnlyTheGivenMarks) {
  auto words = words_of({" a", ",", " b", "."});
  merge_punctuation(words, {"", "."});
  EXPECT_EQ(texts_of(words), (Texts{" a", ",", " b.", ""}));
}

TEST(TimeWords, EachWordLastsToTheNext) {
  const WordTokens split{{" one", " two"}, {{1, 2}, {3}}};
  const Alignment alignment{{{0, 5}, {0, 6}, {1, 10}, {2, 20}, {2, 21}, {3, 40}},
                            {0.5f, 0.7f, 0.9f}};
  const auto words = time_words(split, alignment);
  ASSERT_EQ(words.size(), 2u);
  EXPECT_DOUBLE_EQ(words[0].start, 0.1);
  EXPECT_DOUBLE_EQ(words[0].end, 0.4);
  EXPECT_NEAR(words[0].probability, 0.6, 1e-6);
  EXPECT_DOUBLE_EQ(words[1].start, 0.4);
  EXPECT_DOUBLE_EQ(words[1].end, 0.8);
}

TEST(TimeWords, WithoutAlignmentThereAreNone) {
  EXPECT_TRUE(time_words({{" one"}, {{1}}}, {}).empty());
}

TEST(Measure, IsTheMedianOfWordsWithALength) {
  std::vector<TimedWord> words = {
      {"a", 1, 0, 0.2, 0}, {"b", 1, 0.2, 0.2, 0}, {"c", 1, 0.2, 0.6, 0}};
  EXPECT_NEAR(measure(words).median, 0.3, 1e-9);
  words = {{"a", 1, 0, 5, 0}};
  EXPECT_DOUBLE_EQ(measure(words).median, 0.7);
  EXPECT_DOUBLE_EQ(measure(words).max, 1.4);
  EXPECT_DOUBLE_EQ(measure({}).max, 0);
}

TEST(ShortenAtSentenceEnds, CutsWhatStandsNextToAFullStop) {
  std::vector<TimedWord> words = {
      {" Yes", 1, 0, 0.3, 0}, {".", 1, 0.3, 3, 0}, {" No", 1, 3, 6, 0}, {" more", 1, 6, 9, 0}};
  shorten_at_sentence_ends(words, {0.3, 0.6});
  EXPECT_DOUBLE_EQ(words[1].end, 0.9);
  EXPECT_DOUBLE_EQ(words[2].start, 5.4);
  EXPECT_DOUBLE_EQ(words[3].end - words[3].start, 3);
}

Segment segment_of(double start, double end, std::vector<int> tokens) {
  Segment segment;
  segment.start = start;
  segment.end = end;
  segment.tokens = std::move(tokens);
  return segment;
}

TEST(AddWordTimes, SharesWordsOutBySegment) {
  Segment segments[] = {segment_of(10, 11, {1001, 1, 2, 1005}),
                        segment_of(11, 12, {1005, 3, 1010})};
  add_word_times(segments, words_of({" a", " b", " c"}), kWordsTextEnd, kPunctuation, 10, 40, 9.9);
  ASSERT_EQ(segments[0].words.size(), 2u);
  ASSERT_EQ(segments[1].words.size(), 1u);
  EXPECT_EQ(segments[1].words[0].word, " c");
  EXPECT_DOUBLE_EQ(segments[0].start, 10);
  EXPECT_DOUBLE_EQ(segments[0].end, 10.6);
  EXPECT_DOUBLE_EQ(segments[1].start, 10.6);
}

TEST(AddWordTimes, CutsTheFirstWordAfterAPause) {
  Segment segments[] = {segment_of(0, 8, {1, 2, 3})};
  std::vector<TimedWord> words = {
      {" Well", 1, 0, 6, 0}, {" I", 1, 6, 6.3, 0}, {" see", 1, 6.3, 6.6, 0}};
  add_word_times(segments, words, kWordsTextEnd, kPunctuation, 0, 30, 0);
  EXPECT_DOUBLE_EQ(segments[0].words[0].start, 5.4);
  EXPECT_DOUBLE_EQ(segments[0].words[0].end, 6);
}

TEST(AddWordTimes, BelievesTheSegmentsEndOverALongLastWord) {
  Segment segments[] = {segment_of(0, 1, {1, 2, 3})};
  std::vector<TimedWord> words = {
      {" a", 1, 0, 0.3, 0}, {" b", 1, 0.3, 0.6, 0}, {" c", 1, 0.6, 5, 0}};
  add_word_times(segments, words, kWordsTextEnd, kPunctuation, 0, 30, 0);
  EXPECT_DOUBLE_EQ(segments[0].end, 1);
  EXPECT_DOUBLE_EQ(segments[0].words[2].end, 1);
}

// Any alignment gives words in order, inside their segment and inside the window.
TEST(AddWordTimes, WordsAreAlwaysOrderedAndInside) {
  std::mt19937 random(11);
  const auto number = [&](double most) { return most * (random() % 10000) / 10000; };
  for (int round = 0; round < 3000; ++round) {
    const double begin = number(50), end = begin + 0.3 + number(30);
    std::vector<TimedWord> words;
    std::vector<Segment> segments;
    for (size_t s = 0; s < 1 + random() % 4; ++s) {
      std::vector<int> tokens;
      for (size_t w = 0; w < random() % 8; ++w) {
        const char* texts[] = {" word", ".", ",", " \"", "!", " "};
        words.push_back({texts[random() % 6], 1, number(31), number(31), number(1)});
        tokens.push_back(1);
      }
      segments.push_back(segment_of(begin + number(31), begin + number(31), tokens));
    }
    add_word_times(segments, words, kWordsTextEnd, kPunctuation, begin, end, number(60));
    double last = begin;
    for (const auto& segment : segments) {
      for (const auto& word : segment.words) {
        ASSERT_LE(last, word.start);
        ASSERT_LE(word.start, word.end);
        ASSERT_LE(segment.start, word.start);
        ASSERT_LE(word.end, segment.end);
        last = word.end;
      }
    }
    ASSERT_LE(last, end);
  }
}

}  // namespace
}  // namespace steno::asr
