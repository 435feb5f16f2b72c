// Options whose effect is visible only in the text of a real model. Options of the search are in
// engine_contract.cc, those of the prompt and the fallback also in windows_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pipeline/asr/scripted_engine.h"

namespace steno::asr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<Segment> segments_of(const std::string& name, const TranscribeOptions& options,
                                 const std::string& language = "en") {
  const WindowRequest window{recording(name), language, true};
  return transcribe_windows(real_model("base"), {&window, 1}, options)[0].segments;
}

std::string transcribed(const std::string& name, const TranscribeOptions& options = {},
                        const std::string& language = "en") {
  std::string text;
  for (const auto& segment : segments_of(name, options, language)) text += segment.text;
  return text;
}

TEST(OptionEffects, InitialPromptSetsTheStyle) {
  TranscribeOptions options;
  options.initial_prompt = "and mister john willoughby had then no leisure to consider at all";
  EXPECT_THAT(transcribed("austen-0870.wav"), HasSubstr("Mr. John Dashwood"));
  EXPECT_THAT(transcribed("austen-0870.wav", options), HasSubstr("mister john dashwood"));
}

TEST(OptionEffects, HotwordsAreRecognised) {
  TranscribeOptions options;
  options.hotwords = "Dashwoode";
  EXPECT_THAT(transcribed("austen-0870.wav", options), HasSubstr("Dashwoode"));
}

TEST(OptionEffects, PrefixBeginsTheText) {
  TranscribeOptions options;
  options.prefix = "And Mister John";
  EXPECT_THAT(transcribed("austen-0870.wav", options), StartsWith(" And Mister John Dashwood had"));
}

TEST(OptionEffects, LanguageIsWrittenAsAskedFor) {
  EXPECT_THAT(transcribed("austen-0870.wav", {}, "de"), StartsWith(" Und "));
}

TEST(OptionEffects, TranslateWritesEnglish) {
  TranscribeOptions options;
  options.task = Task::translate;
  EXPECT_THAT(transcribed("austen-0870.wav", options, "de"), HasSubstr(" leisure"));
}

TEST(OptionEffects, TimestampsMakeSegments) {
  TranscribeOptions options;
  options.without_timestamps = false;
  const auto segments = segments_of("telephone.wav", options);
  ASSERT_GT(segments.size(), 5u);
  EXPECT_LT(segments[0].end, 20);
}

TEST(OptionEffects, SuppressTokensReplacesTheDefaultSymbols) {
  const auto& tokenizer = real_model("base").tokenizer();
  TranscribeOptions options;
  options.suppress_tokens = tokenizer.encode(" Mr");
  EXPECT_THAT(transcribed("austen-0870.wav", options), Not(HasSubstr(" Mr")));
}

TEST(OptionEffects, MaxNewTokensCutsTheText) {
  TranscribeOptions options;
  options.max_new_tokens = 5;
  EXPECT_EQ(segments_of("austen-0870.wav", options).at(0).tokens.size(), 5u);
}

TEST(OptionEffects, PunctuationStandsAloneUnlessItIsJoined) {
  TranscribeOptions options;
  options.word_timestamps = true;
  const auto joined = segments_of("austen-0870.wav", options).at(0).words;
  EXPECT_EQ(joined.back().word, " them.");
  options.append_punctuations = "";
  const auto apart = segments_of("austen-0870.wav", options).at(0).words;
  EXPECT_EQ(apart.back().word, ".");
  EXPECT_GT(apart.size(), joined.size());
}

// In languages with spaces, the tokenizer has already joined them.
TEST(OptionEffects, OpeningSignsStandAloneUnlessTheyAreJoined) {
  const auto words_with = [](const TranscribeOptions& options) {
    ScriptedModel scripted([&](const SearchCall&) { return scripted.say("我说 (好)。"); });
    const WindowRequest window{tone(3), "zh", true};
    std::vector<std::string> words;
    for (const auto& result : transcribe_windows(*scripted.model, {&window, 1}, options)) {
      for (const auto& word : result.segments.at(0).words) words.push_back(word.word);
    }
    return words;
  };
  TranscribeOptions options;
  options.word_timestamps = true;
  EXPECT_THAT(words_with(options), ElementsAre("我", "说", " (好)。"));
  options.prepend_punctuations = "[";
  EXPECT_THAT(words_with(options), ElementsAre("我", "说", " (", "好)。"));
}

}  // namespace
}  // namespace steno::asr
