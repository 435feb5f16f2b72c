#include "pipeline/postprocess/postprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/postprocess/speakers.h"
#include "transcript/json.h"
#include "unit/pipeline/postprocess/spoken.h"

namespace steno::postprocess {
namespace {

Transcript call() {
  auto first = spoken(0, {" Um,", " my", " card", " is", " 4111"});
  auto second = spoken(2.5, {" 1111", " 1111", " 1111.", "  ", " \xE7\xA0"});
  second.tokens = {1, 2, 3};
  Segment third;
  third.start = 6;
  third.end = 7;
  third.text = " No uh words.";
  return transcript_of({first, second, third});
}

TEST(Postprocess, WithoutOptionsNothingChanges) {
  EXPECT_FALSE(changes_text({}));
  EXPECT_FALSE(needs_words({}));
  const auto same = apply(call(), {});
  EXPECT_EQ(to_json(same), to_json(call()));
  EXPECT_EQ(same.segments[1].words[4].word, " \xE7\xA0");
}

TEST(Postprocess, DoesAllOfItInOrder) {
  PostOptions options;
  options.filler_words = false;
  options.replace = {{"card", "number"}, {"\\[CARD\\]", "(secret)"}};
  options.redact = {Redaction::card};
  options.paragraphs = options.utterances = true;
  EXPECT_TRUE(changes_text(options));
  const auto result = apply(call(), options);
  EXPECT_EQ(result.segments[0].text, " My number is (secret).");
  EXPECT_EQ(result.paragraphs[0].sentences[0].text, "My number is (secret).");
  EXPECT_EQ(result.segments.back().text, " No words.");
  EXPECT_FALSE(result.utterances.empty());
}

TEST(Postprocess, OtherNamesOfSpeakersChangeNothing) {
  PostOptions options;
  options.paragraphs = options.utterances = true;
  options.filler_words = false;
  options.redact = {Redaction::card};
  const auto texts_with = [&](const std::vector<std::string>& names) {
    const auto result =
        apply(with_speakers(call(), {{0, 2, 0}, {2, 5.5, 1}, {6, 7, 0}}, names), options);
    std::vector<std::string> texts;
    for (const Segment& segment : result.segments) texts.push_back(segment.text);
    for (const Passage& passage : result.paragraphs) texts.push_back(passage.text());
    for (const Passage& passage : result.utterances) texts.push_back(passage.text());
    return texts;
  };
  EXPECT_EQ(texts_with({"A", "B"}), texts_with({"דנה", "SPEAKER_00"}));
}

}  // namespace
}  // namespace steno::postprocess
