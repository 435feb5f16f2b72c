#include "pipeline/postprocess/redact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "pipeline/postprocess/postprocess.h"
#include "transcript/writers.h"
#include "unit/pipeline/postprocess/spoken.h"

namespace steno::postprocess {
namespace {

using enum Redaction;

std::vector<std::string> split(const std::string& said) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < said.size();) {
    const std::size_t end = std::min(said.find(' ', at), said.size());
    words.push_back(" " + said.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::string text(const std::string& said, const std::vector<Redaction>& kinds,
                 const std::string& language = "en") {
  auto transcript = transcript_of({spoken(0, split(said))});
  transcript.language = language;
  const auto result = redacted(transcript, kinds);
  std::string joined;
  for (const Word& word : result.segments.at(0).words) joined += word.word;
  EXPECT_EQ(joined, result.segments[0].text);
  return result.text();
}

TEST(Redact, FindsCards) {
  for (const char* digits :
       {"4111 1111 1111 1111", "4111-1111-1111-1111", "4111, 1111, 1111, 1111",
        "4111. 1111. 1111. 1111", "4111111111111111", "3782 822463 10005", "5555 5555 5555 4444",
        "6011 1111 1111 1117", "3056 930902 5904", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "٤١١١ ١١١١ ١١١١ ١١١١", "４１１１１１１１１１１１１１１１", "2223003122003222",
        "four one one one one one one one one one one one one one one one",
        "4111 double one 11 triple one 1 1111", "6304 0000 0000 0000 000"}) {
    EXPECT_EQ(text(std::string("It is ") + digits + ", ok?", {card}), "It is [CARD], ok?")
        << digits;
  }
}

TEST(Redact, LeavesWhatIsNoCard) {
  for (const char* other : {"4111 1111 1111 1112", "1234567890123", "0000 0000 0000 0000",
                            "one two three", "2018 2019 2020 2021"}) {
    EXPECT_EQ(text(other, {card}), other);
  }
  // Next to other digits, attached or not.
  EXPECT_EQ(text("5 times 4111 1111 1111 1111 12/27", {card}), "5 times [CARD] 12/27");
  EXPECT_EQ(text("number 7, 4111 1111 1111 1111", {card}), "number 7, [CARD]");
  EXPECT_EQ(text("41111111111111111227", {card}), "[CARD]");
  EXPECT_EQ(text("double trouble, double u", {card}), "double trouble, double u");
}

TEST(Redact, FindsIbans) {
  for (const char* account :
       {"DE89 3704 0044 0532 0130 00", "DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19",
        "de89 3704 0044 0532 0130 00", "IL62 0108 0000 0009 9999 999", "NO93 8601 1117 947",
        "D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", "FR14 2004 1010 0505 0001 3M02 606"}) {
    EXPECT_EQ(text(std::string("To ") + account + ". Please", {iban}), "To [IBAN]. Please");
  }
  EXPECT_EQ(text("DE89 3704 0044 0532 0130 01", {iban}), "DE89 3704 0044 0532 0130 01");
  EXPECT_EQ(text("XX89 3704 0044 0532 0130 00", {iban}), "XX89 3704 0044 0532 0130 00");
}

TEST(Redact, FindsEmails) {
  for (const char* address : {"dana.levi@example.com", "d@sub.example.co.uk", "ü.x@bücher.de",
                              "dana dot levi at gmail dot com", "dana @ example.com"}) {
    EXPECT_EQ(text(std::string("Write ") + address + ".", {email}), "Write [EMAIL].") << address;
  }
  EXPECT_EQ(text("We met at noon", {email}), "We met at noon");
  EXPECT_EQ(text("dana at gmail dot com", {email}, "de"), "dana at gmail dot com");
}

TEST(Redact, FindsPhones) {
  for (const char* called :
       {"052-1234567", "+972 52 123 4567", "(555) 123-4567", "555-123-4567", "555-1234",
        "0170 1234567", "06 12 34 56 78", "+49 (0)30 901820",
        "five five five one two three four five six seven", "5, 5, 5, 1, 2, 3, 4, 5, 6, 7"}) {
    EXPECT_EQ(text(std::string("Call ") + called + ".", {phone}), "Call [PHONE].") << called;
  }
  for (const char* other : {"In 2018, 2019, 2020 and", "1,000,000,000", "on 15.01.2024 10",
                            "2024-01-15 2024-01-16", "12345678", "100, 200, 300, 400"}) {
    EXPECT_EQ(text(other, {phone}), other);
  }
}

TEST(Redact, FindsNumbers) {
  EXPECT_EQ(text("On 3.5.2024 at 10:30 I paid $1,000.50 for A4.", {number}),
            "On [NUMBER] at [NUMBER] I paid $[NUMBER] for A[NUMBER].");
  EXPECT_EQ(text("four one one five", {number}), "[NUMBER]");
  EXPECT_EQ(text("one of two", {number}), "one of two");
  EXPECT_EQ(text("٤٥", {number}, "ar"), "[NUMBER]");
}

TEST(Redact, SpansWordsAndSegments) {
  auto first = spoken(0, {" Card", " 4111", " 1111"});
  auto second = spoken(2, {" 1111", " 1111."});
  auto third = spoken(4, {" Thanks."});
  first.tokens = third.tokens = {1, 2};
  const auto result = redacted(transcript_of({first, second, third}), {card});
  EXPECT_THAT(lines_of(result), testing::ElementsAre(" Card [CARD].", " Thanks."));
  EXPECT_EQ(result.segments[1].id, 1);
  EXPECT_TRUE(result.segments[0].tokens.empty());
  EXPECT_TRUE(result.segments[1].tokens.empty());
}

TEST(Redact, LeavesNoWordsThatAreNotTheText) {
  auto segment = spoken(0, {" 4111", " 1111", " 1111", " 1111"});
  segment.text = " It is 4111 1111 1111 1111.";
  const auto result = redacted(transcript_of({segment}), {card});
  EXPECT_EQ(result.segments[0].text, " It is [CARD].");
  EXPECT_TRUE(result.segments[0].words.empty());
}

TEST(Redact, OfReplacementsToo) {
  PostOptions options;
  options.redact = {card};
  options.replace = {{"(\\d)(\\d)", "\\1x\\2"}, {"card", "4111 1111 1111 1111"}};
  const auto result =
      apply(transcript_of({spoken(0, split("The card 4111 1111 1111 1111"))}), options);
  EXPECT_EQ(result.text(), "The [CARD] [CARD]");
}

/// A card's number, cut anywhere into groups, words and segments.
TEST(Redact, LeavesNoCardInAnyOutput) {
  std::mt19937 random(7);
  const std::vector<std::string> gaps = {"", "", " ", "-", ". ", ", ", " - "};
  for (int round = 0; round < 300; ++round) {
    std::vector<Segment> segments;
    std::vector<std::string> words = {" My", " card:"};
    std::string word = " ";
    for (const char digit : std::string("5105105105105100")) {
      word += digit;
      const auto& gap = gaps[random() % gaps.size()];
      word += gap;
      if (random() % 3 == 0) words.push_back(std::exchange(word, ""));
      if (random() % 8 != 0) continue;
      const double start = segments.empty() ? 0 : segments.back().end;
      segments.push_back(spoken(start, std::exchange(words, {})));
      if (segments.back().words.empty()) segments.pop_back();
    }
    words.push_back(word);
    words.push_back(" Bye.");
    segments.push_back(spoken(segments.empty() ? 0 : segments.back().end, words));
    PostOptions options;
    options.redact = {card};
    options.utterances = options.paragraphs = true;
    const auto result = apply(transcript_of(segments), options);
    EXPECT_NE(result.text().find("[CARD]"), std::string::npos) << transcript_of(segments).text();
    for (const Format format : {Format::txt, Format::srt, Format::vtt, Format::tsv, Format::json}) {
      SubtitleOptions narrow;
      narrow.max_line_width = 12;
      const std::string out = write(result, format, narrow);
      EXPECT_EQ(out.find("510"), std::string::npos) << out;
      EXPECT_EQ(out.find("105"), std::string::npos) << out;
    }
  }
}

}  // namespace
}  // namespace steno::postprocess
