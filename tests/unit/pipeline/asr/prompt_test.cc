#include "pipeline/asr/prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/pipeline/asr/scripted_engine.h"

namespace steno::asr {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;

class PromptTest : public ::testing::Test {
 protected:
  std::vector<int> build(std::span<const int> previous = {}, std::string_view prefix = "",
                         bool without_timestamps = true) const {
    return build_prompt(tokenizer_, options_, "de", previous, prefix, without_timestamps).tokens;
  }
  std::vector<int> joined(std::initializer_list<std::vector<int>> parts) const {
    std::vector<int> all;
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
  }

  ScriptedModel scripted_{[](const SearchCall&) { return Hypothesis(); }};
  const Tokenizer& tokenizer_ = scripted_.tokenizer();
  std::vector<int> task_ = tokenizer_.sot_sequence("de", Task::transcribe);
  TranscribeOptions options_;
};

TEST_F(PromptTest, LanguageTaskAndTimestamps) {
  EXPECT_THAT(build(), ElementsAre(tokenizer_.sot(), *tokenizer_.language_token("de"),
                                   tokenizer_.transcribe(), tokenizer_.no_timestamps()));
  EXPECT_EQ(build({}, "", false), task_);
  options_.task = Task::translate;
  EXPECT_THAT(build(), Contains(tokenizer_.translate()));
}

TEST_F(PromptTest, PreviousTextComesFirstAndIsCutToItsHalf) {
  const std::vector<int> previous = {5, 6, 7};
  EXPECT_EQ(build(previous),
            joined({{tokenizer_.sot_prev()}, previous, task_, {tokenizer_.no_timestamps()}}));
  std::vector<int> many(400);
  for (int i = 0; i < 400; ++i) many[i] = i;
  const auto prompt = build(many);
  EXPECT_EQ(prompt[0], tokenizer_.sot_prev());
  EXPECT_EQ(prompt[1], 400 - 223);
  EXPECT_EQ(prompt[223], 399);
}

TEST_F(PromptTest, HotwordsUnlessThereIsAPrefix) {
  options_.hotwords = " Steno  ";
  const std::vector<int> previous = {5};
  const auto words = tokenizer_.encode(" Steno");
  EXPECT_EQ(
      build(previous),
      joined({{tokenizer_.sot_prev()}, words, previous, task_, {tokenizer_.no_timestamps()}}));
  EXPECT_EQ(build({}, "Guten"),
            joined({task_, {tokenizer_.no_timestamps()}, tokenizer_.encode(" Guten")}));
}

TEST_F(PromptTest, LongHotwordsAndTextLeaveRoomForWords) {
  for (int i = 0; i < 400; ++i) options_.hotwords += " word";
  const std::vector<int> previous(400, 7);
  EXPECT_LE(build(previous).size(), 300u);
}

TEST_F(PromptTest, PrefixBelongsToTheText) {
  const auto prompt = build_prompt(tokenizer_, options_, "de", {}, "Guten Tag", false);
  auto expected = tokenizer_.encode(" Guten Tag");
  expected.insert(expected.begin(), tokenizer_.timestamp_begin());
  EXPECT_EQ(prompt.prefix, expected);
  EXPECT_EQ(prompt.tokens, joined({task_, expected}));
}

TEST_F(PromptTest, InitialPrompt) {
  EXPECT_TRUE(encode_initial_prompt(tokenizer_, options_).empty());
  options_.initial_prompt = "  Steno and Whisper. ";
  EXPECT_EQ(encode_initial_prompt(tokenizer_, options_), tokenizer_.encode(" Steno and Whisper."));
}

TEST_F(PromptTest, SuppressedTokens) {
  const std::vector<int> special = {tokenizer_.sot(),       tokenizer_.sot_prev(),
                                    tokenizer_.sot_lm(),    tokenizer_.transcribe(),
                                    tokenizer_.translate(), tokenizer_.no_speech()};
  EXPECT_THAT(suppressed_tokens(tokenizer_, {}), ::testing::UnorderedElementsAreArray(special));
  const auto named = suppressed_tokens(tokenizer_, {42});
  EXPECT_THAT(named, Contains(42));
  EXPECT_EQ(named.size(), special.size() + 1);
  const auto all = suppressed_tokens(tokenizer_, {-1, 50000});
  EXPECT_THAT(all, IsSupersetOf(tokenizer_.non_speech_tokens()));
  EXPECT_THAT(all, Contains(50000));
  EXPECT_THAT(all, Not(Contains(-1)));
}

}  // namespace
}  // namespace steno::asr
