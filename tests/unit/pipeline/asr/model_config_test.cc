#include "pipeline/asr/model_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/pipeline/asr/small_model.h"

namespace steno::asr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr ModelSizes kSizes = {51865, 6, 8};

std::string refusal(const std::string& json) {
  const auto config = parse_model_config(json, "m/config.json", kSizes);
  if (config) return "accepted";
  EXPECT_EQ(config.error().code, Errc::bad_model);
  EXPECT_THAT(config.error().message, ::testing::StartsWith("m/config.json: "));
  return config.error().message;
}

TEST(ModelConfig, ReadsIdsAndHeads) {
  const auto config = parse_model_config(
      R"({"lang_ids":[5,6],"suppress_ids_begin":[],"alignment_heads":[[5,7],[0,1],[5,7]]})", "m",
      kSizes);
  ASSERT_TRUE(config);
  EXPECT_THAT(config->languages, ElementsAre(5, 6));
  ASSERT_TRUE(config->begin_suppressed);
  EXPECT_TRUE(config->begin_suppressed->empty());
  EXPECT_THAT(config->alignment_heads, ElementsAre(Pair(5, 7), Pair(0, 1)));
  const auto empty =
      parse_model_config(R"({"lang_ids":null,"suppress_ids_begin":null})", "m", kSizes);
  ASSERT_TRUE(empty);
  EXPECT_FALSE(empty->begin_suppressed);
}

TEST(ModelConfig, RefusesWhatTheModelDoesNotHave) {
  EXPECT_THAT(refusal(R"({"lang_ids":[99999999]})"),
              HasSubstr("lang_ids holds 99999999, but the model has 51865 tokens"));
  EXPECT_THAT(refusal(R"({"lang_ids":[-5000000]})"), HasSubstr("-5000000"));
  EXPECT_THAT(refusal(R"({"lang_ids":[4294967301]})"), HasSubstr("4294967301"));
  EXPECT_THAT(refusal(R"({"suppress_ids_begin":[51865]})"), HasSubstr("suppress_ids_begin"));
  EXPECT_THAT(refusal(R"({"alignment_heads":[[77,0]]})"),
              HasSubstr("alignment_heads holds [77, 0], but the model has 6 layers of 8 heads"));
  EXPECT_THAT(refusal(R"({"alignment_heads":[[3,99]]})"), HasSubstr("[3, 99]"));
  EXPECT_THAT(refusal(R"({"alignment_heads":[[3,-1]]})"), HasSubstr("[3, -1]"));
}

TEST(ModelConfig, RefusesValuesOfAnotherKind) {
  for (const char* json : {"", "{", "[]", R"({"lang_ids":"en"})", R"({"lang_ids":[[1]]})",
                           R"({"alignment_heads":[1]})", R"({"suppress_ids_begin":{}})",
                           R"({"lang_ids":[5.02e29]})", R"({"lang_ids":[1.5]})",
                           R"({"alignment_heads":[[1e99,0]]})", R"({"alignment_heads":[[1]]})"}) {
    EXPECT_NE(refusal(json), "accepted") << json;
  }
}

/// Checks the values that replace missing ids in a folder's config.json.
void expect_filled(const ModelFolder& folder) {
  const auto config = read_model_config(folder.path(), kSizes);
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->languages.size(), 99u);
  EXPECT_EQ(config->languages.front(), 50259);
  EXPECT_EQ(config->languages.back(), 50357);
  EXPECT_EQ(config->begin_suppressed, (std::vector<int>{220, 50257}));
  EXPECT_EQ(config->alignment_heads.size(), 24u);  // of layers 3, 4 and 5
  EXPECT_THAT(config->alignment_heads.front(), Pair(3, 0));
}

TEST(ModelConfig, FillsInWhatIsLeftOut) {
  for (const char* vocabulary : {"vocabulary.json", "tokenizer.json"}) {
    SCOPED_TRACE(vocabulary);
    ModelFolder folder;
    folder.link("base", vocabulary);
    expect_filled(folder);
    folder.write("config.json", R"({"lang_ids":[],"suppress_ids":[1]})");
    expect_filled(folder);
  }
  ModelFolder text;
  std::string lines;
  ModelFolder base;
  base.link("base", "vocabulary.json");
  for (const auto& token : nlohmann::json::parse(base.read("vocabulary.json"))) {
    lines += token.get<std::string>() + "\n";
  }
  text.write("vocabulary.txt", lines);
  expect_filled(text);
}

TEST(ModelConfig, NeedsAVocabularyToFillInFrom) {
  ModelFolder folder;
  const auto config = read_model_config(folder.path(), kSizes);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, HasSubstr("no vocabulary.json"));
  folder.write("config.json", R"({"lang_ids":[7],"suppress_ids_begin":[8]})");
  EXPECT_TRUE(read_model_config(folder.path(), kSizes));
}

}  // namespace
}  // namespace steno::asr
