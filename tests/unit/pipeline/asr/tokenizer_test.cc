#include "pipeline/asr/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "test_paths.h"
#include "transcript/languages.h"

namespace steno::asr {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  EXPECT_TRUE(stream) << path;
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A temporary folder for each test.
class TokenizerFolder {
 public:
  TokenizerFolder() {
    std::string path = (fs::temp_directory_path() / "tokenizer-XXXXXX").string();
    path_ = mkdtemp(path.data());
  }
  ~TokenizerFolder() { fs::remove_all(path_); }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

/// A small tokenizer.json: the 256 bytes, two merges, the special tokens Whisper needs.
Json small_tokenizer() {
  Json vocabulary = Json::object();
  int id = 0;
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
    const int point = printable ? byte : next++;
    std::string name;
    if (point >= 0x80) name += static_cast<char>(0xC0 | point >> 6);
    name += static_cast<char>(point >= 0x80 ? 0x80 | (point & 0x3F) : point);
    vocabulary[name] = id++;
  }
  vocabulary["ab"] = id++;
  vocabulary["abc"] = id++;
  Json added = Json::array();
  for (const auto* name :
       {"<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>",
        "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"}) {
    added.push_back({{"id", id++}, {"content", name}, {"special", true}});
  }
  return {{"added_tokens", added},
          {"normalizer", nullptr},
          {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
          {"decoder", {{"type", "ByteLevel"}}},
          {"model",
           {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", Json{"a b", Json{"ab", "c"}}}}}};
}

Result<Tokenizer> load_json(const Json& tokenizer) {
  const TokenizerFolder folder;
  folder.write("tokenizer.json", tokenizer.dump());
  return Tokenizer::load(folder.path(), true);
}

std::string refusal(const Json& tokenizer) {
  const auto loaded = load_json(tokenizer);
  return loaded ? "" : loaded.error().message;
}

std::string refusal(const std::string& name, const std::string& content) {
  const TokenizerFolder folder;
  folder.write(name, content);
  const auto loaded = Tokenizer::load(folder.path(), true);
  return loaded ? "" : loaded.error().message;
}

enum class From { tokenizer_json, vocabulary_json, vocabulary_txt };

struct Case {
  std::string model;
  From from;
};

void PrintTo(const Case& value, std::ostream* out) {
  *out << value.model << " " << static_cast<int>(value.from);
}

/// Each model's tokenizer, read from each kind of file, compared with the reference.
class GoldenTokenizer : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const fs::path model = fs::path(STENO_MODELS) / GetParam().model;
    if (!fs::exists(model / "tokenizer.json")) GTEST_SKIP() << "no model " << model;
    const TokenizerFolder folder;
    switch (GetParam().from) {
      case From::tokenizer_json:
        fs::copy(model / "tokenizer.json", folder.path());
        break;
      case From::vocabulary_json:
        folder.write("vocabulary.json", vocabulary(model).dump());
        break;
      case From::vocabulary_txt: {
        std::string lines;
        for (const auto& token : vocabulary(model)) lines += token.get<std::string>() + "\n";
        folder.write("vocabulary.txt", lines);
        break;
      }
    }
    auto loaded = Tokenizer::load(folder.path(), !GetParam().model.ends_with(".en"));
    ASSERT_TRUE(loaded) << loaded.error().message;
    tokenizer_.emplace(std::move(*loaded));
    golden_ =
        Json::parse(read(fs::path(STENO_GOLDEN) / "tokenizer" / (GetParam().model + ".json")));
  }

  /// The model's own vocabulary file, in the form that it has.
  static Json vocabulary(const fs::path& model) {
    if (fs::exists(model / "vocabulary.json")) return Json::parse(read(model / "vocabulary.json"));
    std::istringstream lines(read(model / "vocabulary.txt"));
    Json list = Json::array();
    for (std::string line; std::getline(lines, line);) list.push_back(line);
    return list;
  }

  std::optional<Tokenizer> tokenizer_;
  Json golden_;
};

TEST_P(GoldenTokenizer, EncodesAsTheReference) {
  ASSERT_GT(golden_["encode"].size(), 150U);
  for (const auto& row : golden_["encode"]) {
    const auto text = row["text"].get<std::string>();
    EXPECT_EQ(tokenizer_->encode(text), row["tokens"].get<std::vector<int>>()) << text;
  }
}

TEST_P(GoldenTokenizer, DecodesAsTheReference) {
  ASSERT_GT(golden_["decode"].size(), 150U);
  for (const auto& row : golden_["decode"]) {
    const auto tokens = row["tokens"].get<std::vector<int>>();
    EXPECT_EQ(tokenizer_->decode(tokens), row["text"]);
    EXPECT_EQ(tokenizer_->decode_with_timestamps(tokens), row["with_timestamps"]) << row;
  }
}

TEST_P(GoldenTokenizer, DecodesWhatItEncoded) {
  for (const auto& row : golden_["encode"]) {
    const auto text = row["text"].get<std::string>();
    if (text.find("<|") != std::string::npos) continue;  // special tokens are not decoded
    EXPECT_EQ(tokenizer_->decode(tokenizer_->encode(text)), text);
  }
}

TEST_P(GoldenTokenizer, SplitsWordsAsTheReference) {
  ASSERT_GT(golden_["words"].size(), 100U);
  for (const auto& row : golden_["words"]) {
    const auto tokens = row["tokens"].get<std::vector<int>>();
    const auto split = tokenizer_->split_to_word_tokens(tokens, row["language"].get<std::string>());
    EXPECT_EQ(Json(split.words), row["words"]) << row;
    EXPECT_EQ(Json(split.tokens), row["word_tokens"]) << row;
  }
}

TEST_P(GoldenTokenizer, KnowsTheSpecialTokens) {
  const auto& ids = golden_["ids"];
  EXPECT_EQ(tokenizer_->sot(), ids["sot"]);
  EXPECT_EQ(tokenizer_->eot(), ids["eot"]);
  EXPECT_EQ(tokenizer_->transcribe(), ids["transcribe"]);
  EXPECT_EQ(tokenizer_->translate(), ids["translate"]);
  EXPECT_EQ(tokenizer_->sot_prev(), ids["sot_prev"]);
  EXPECT_EQ(tokenizer_->sot_lm(), ids["sot_lm"]);
  EXPECT_EQ(tokenizer_->no_speech(), ids["no_speech"]);
  EXPECT_EQ(tokenizer_->no_timestamps(), ids["no_timestamps"]);
  EXPECT_EQ(tokenizer_->timestamp_begin(), ids["timestamp_begin"]);
  EXPECT_EQ(Json(tokenizer_->sot_sequence("en", Task::transcribe)), golden_["sot_sequence"]);
  EXPECT_EQ(Json(tokenizer_->non_speech_tokens()), golden_["non_speech_tokens"]);
}

INSTANTIATE_TEST_SUITE_P(
    AllFiles, GoldenTokenizer,
    testing::Values(Case{"base", From::tokenizer_json}, Case{"base", From::vocabulary_json},
                    Case{"base", From::vocabulary_txt}, Case{"tiny.en", From::tokenizer_json},
                    Case{"tiny.en", From::vocabulary_json}, Case{"tiny.en", From::vocabulary_txt}));

TEST(Tokenizer, KnowsTheLanguagesOfAModel) {
  const auto tokenizer = load_json(small_tokenizer());
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_THAT(tokenizer->language_codes(), ElementsAre("en", "de"));
  const auto german = tokenizer->language_token("de");
  ASSERT_TRUE(german);
  EXPECT_EQ(tokenizer->language_code(*german), "de");
  EXPECT_EQ(tokenizer->language_token("yue"), std::nullopt);
  EXPECT_EQ(tokenizer->language_code(0), std::nullopt);
  EXPECT_THAT(tokenizer->sot_sequence("de", Task::translate),
              ElementsAre(tokenizer->sot(), *german, tokenizer->translate()));
  EXPECT_THAT(tokenizer->sot_sequence("yue", Task::transcribe),
              ElementsAre(tokenizer->sot(), tokenizer->transcribe()));
}

TEST(Tokenizer, ReadsTheVocabularyOfLargeV3) {
  const fs::path file = fs::path(STENO_MODELS) / "base" / "vocabulary.json";
  if (!fs::exists(file)) GTEST_SKIP() << "no " << file;
  Json tokens = Json::parse(read(file));
  const auto task = std::find(tokens.begin(), tokens.end(), "<|translate|>");
  ASSERT_NE(task, tokens.end());
  tokens.insert(task, "<|yue|>");  // its only difference from the other multilingual models
  const TokenizerFolder folder;
  folder.write("vocabulary.json", tokens.dump());
  const auto tokenizer = Tokenizer::load(folder.path(), true);
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  EXPECT_EQ(tokenizer->language_codes().size(), 100U);
  EXPECT_EQ(tokenizer->language_token("yue"), 50358);
  EXPECT_EQ(tokenizer->transcribe(), 50360);
  EXPECT_EQ(tokenizer->no_speech(), 50363);
  EXPECT_EQ(tokenizer->timestamp_begin(), 50365);
  EXPECT_EQ(tokenizer->decode_with_timestamps(std::vector{50365, 7751, 51865}),
            "<|0.00|> hello<|30.00|>");
}

TEST(Tokenizer, EnglishModelsHaveNeitherLanguageNorTask) {
  const TokenizerFolder folder;
  folder.write("tokenizer.json", small_tokenizer().dump());
  const auto tokenizer = Tokenizer::load(folder.path(), false);
  ASSERT_TRUE(tokenizer);
  EXPECT_THAT(tokenizer->sot_sequence("en", Task::transcribe), ElementsAre(tokenizer->sot()));
  EXPECT_TRUE(tokenizer->language_codes().empty());
}

TEST(Tokenizer, MergesInTheOrderOfTheFile) {
  auto file = small_tokenizer();
  EXPECT_THAT(load_json(file)->encode("abc"), ElementsAre(257));
  file["model"]["merges"] = Json{"b c", "a b"};
  EXPECT_THAT(refusal(file), HasSubstr("merge 1 makes what is not in the vocabulary"));
  file["model"]["vocab"]["bc"] = 300;
  EXPECT_THAT(load_json(file)->encode("abc"), ElementsAre('a', 300));
}

TEST(Tokenizer, ReadsTextThatIsNotUtf8) {
  const auto tokenizer = load_json(small_tokenizer());
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("a\xFF\xE2\x82z\xF0\x9F")), "a��z�");
}

TEST(Tokenizer, LeavesOutWhatIsNoToken) {
  const auto tokenizer = load_json(small_tokenizer());
  const std::vector<int> tokens = {-5, 'a', 99999, 'b'};
  EXPECT_EQ(tokenizer->decode(tokens), "ab");
  EXPECT_EQ(tokenizer->decode({}), "");
  EXPECT_TRUE(tokenizer->split_to_word_tokens({}, "en").words.empty());
}

TEST(Tokenizer, EncodesLongTextInLittleTime) {
  const auto tokenizer = load_json(small_tokenizer());
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "abc";
  EXPECT_EQ(tokenizer->encode(text).size(), 100000U);
}

TEST(Tokenizer, NamesTheFileItCannotRead) {
  EXPECT_THAT(refusal("tokenizer.json", "{\"model\": {"),
              AllOf(HasSubstr("tokenizer.json"), HasSubstr("not JSON")));
  EXPECT_THAT(refusal("tokenizer.json", ""), HasSubstr("tokenizer.json: not JSON"));
  EXPECT_THAT(refusal("tokenizer.json", "[1, 2]"), HasSubstr("not a BPE tokenizer"));
  EXPECT_THAT(refusal("tokenizer.json", "7"), HasSubstr("not a BPE tokenizer"));
  EXPECT_THAT(refusal("tokenizer.json", std::string(1000, '[')), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("vocabulary.json", "{}"),
              HasSubstr("vocabulary.json: not a list of strings"));
  EXPECT_THAT(refusal("vocabulary.json", "[\"a\", 5]"), HasSubstr("not a list of strings"));
  EXPECT_THAT(refusal("vocabulary.json", "[[\"a\"]]"), HasSubstr("not a list of strings"));
  EXPECT_THAT(refusal("vocabulary.json", "[]"), HasSubstr("vocabulary.json: holds no tokens"));
  EXPECT_THAT(refusal("vocabulary.txt", ""), HasSubstr("vocabulary.txt: holds no tokens"));
  EXPECT_THAT(refusal("vocabulary.txt", "a\nb\n"), HasSubstr("has no token for byte 0"));
  EXPECT_THAT(refusal("other.txt", ""), HasSubstr("no tokenizer.json, vocabulary.json or"));
}

TEST(Tokenizer, RefusesWhatItWouldDoWrong) {
  const auto with = [](const char* pointer, const Json& value) {
    auto file = small_tokenizer();
    file[Json::json_pointer(pointer)] = value;
    return refusal(file);
  };
  EXPECT_EQ(with("/version", "1.0"), "");
  EXPECT_THAT(with("/normalizer", Json{{"type", "NFC"}}), HasSubstr("normalizer"));
  EXPECT_THAT(with("/pre_tokenizer", nullptr), HasSubstr("pre-tokenizer"));
  EXPECT_THAT(with("/pre_tokenizer/type", "Metaspace"), HasSubstr("pre-tokenizer"));
  EXPECT_THAT(with("/pre_tokenizer/use_regex", false), HasSubstr("pre-tokenizer"));
  EXPECT_THAT(with("/decoder/type", "WordPiece"), HasSubstr("decoder"));
  EXPECT_THAT(with("/model/type", "Unigram"), HasSubstr("not a BPE tokenizer"));
  EXPECT_THAT(with("/model/byte_fallback", true), HasSubstr("falls back"));
  EXPECT_THAT(with("/model/end_of_word_suffix", "</w>"), HasSubstr("marks"));
  EXPECT_THAT(with("/model/vocab", Json{"a", "b"}), HasSubstr("not a BPE tokenizer"));
  EXPECT_THAT(with("/model/vocab/a", "1"), HasSubstr("id is not a whole number"));
  EXPECT_THAT(with("/model/vocab/a", -1), HasSubstr("id is not a whole number"));
  EXPECT_THAT(with("/model/vocab/x1", 2000000000), HasSubstr("not within 0 to"));
  EXPECT_THAT(with("/model/vocab/x1", Json::object()), HasSubstr("id is not a whole number"));
  EXPECT_THAT(with("/model/merges", Json{"ab"}), HasSubstr("not two strings"));
  EXPECT_THAT(with("/model/merges", Json{Json{"a"}}), HasSubstr("not two strings"));
  EXPECT_THAT(with("/model/merges", Json{Json{"a", "b", "c"}}), HasSubstr("not two strings"));
  EXPECT_THAT(with("/model/merges", Json{7}), HasSubstr("not two strings"));
  EXPECT_THAT(with("/model/merges", nullptr), HasSubstr("no merges"));
  EXPECT_THAT(with("/added_tokens", Json::array()), HasSubstr("no <|startoftranscript|>"));
  EXPECT_THAT(with("/added_tokens/0", Json{{"content", "x"}}), HasSubstr("no id"));
  EXPECT_THAT(with("/added_tokens/0", Json::array()), HasSubstr("no id"));
}

TEST(Languages, AreKnownByCodeAndName) {
  EXPECT_EQ(languages().size(), 100U);
  EXPECT_EQ(languages().back().code, "yue");
  EXPECT_EQ(find_language("German"), "de");
  EXPECT_EQ(find_language("DE"), "de");
  EXPECT_EQ(find_language("castilian"), "es");
  EXPECT_EQ(find_language("klingon"), std::nullopt);
  EXPECT_EQ(find_language(""), std::nullopt);
  EXPECT_EQ(language_name("he"), "hebrew");
  EXPECT_EQ(language_name("xx"), "");
}

}  // namespace
}  // namespace steno::asr
