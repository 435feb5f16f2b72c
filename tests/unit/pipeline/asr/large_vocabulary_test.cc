// A small model with random weights and the shape of large-v3 and turbo (128 mels, 51866 tokens),
// on both engines. Set-up has no model of this shape.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/asr/asr.h"
#include "unit/pipeline/asr/scripted_engine.h"
#include "unit/pipeline/asr/small_model.h"

namespace steno::asr {
namespace {

class LargeVocabulary : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new ModelFolder;
    write_small_model(*folder_, {});
  }
  static void TearDownTestSuite() {
    delete folder_;
    folder_ = nullptr;
  }
  static std::shared_ptr<SpeechModel> load(const std::string& compute_type) {
    EngineConfig config;
    config.model_folder = folder_->path();
    config.device = "cpu";
    config.compute_type = compute_type;
    config.num_workers = 1;
    auto model = SpeechModel::load(config);
    if (!model) throw std::runtime_error(model.error().message);
    return *model;
  }
  static EncodedPtr encode(SpeechModel& model) {
    auto features = model.features().extract(recording("austen-0880.wav"));
    features = pad_or_trim(features, 600);
    return model.engine().encode({&features, 1})[0];
  }

  static ModelFolder* folder_;
  std::shared_ptr<SpeechModel> native_ = load("int8");
  std::shared_ptr<SpeechModel> reference_ = load("float32");
};
ModelFolder* LargeVocabulary::folder_ = nullptr;

TEST_F(LargeVocabulary, DetectsTheSameLanguages) {
  const auto ours = native_->engine().detect_language(std::vector{encode(*native_)})[0];
  const auto theirs = reference_->engine().detect_language(std::vector{encode(*reference_)})[0];
  EXPECT_EQ(ours.size(), 100u);
  ASSERT_EQ(theirs.size(), 100u);
  EXPECT_TRUE(ours.contains(*native_->tokenizer().language_token("yue")));
  for (const auto& [id, probability] : theirs) {
    // Bytes compared with float32.
    EXPECT_NEAR(ours.at(id), probability, 0.05 * probability + 1e-3) << id;
  }
}

TEST_F(LargeVocabulary, AlignsTheSameProbabilities) {
  const Tokenizer& tokenizer = native_->tokenizer();
  const auto start = tokenizer.sot_sequence("yue", Task::transcribe);
  const std::vector<std::vector<int>> text = {tokenizer.encode(" He was not an ill-disposed man.")};
  const std::vector<int> frames = {400};
  const auto align = [&](SpeechModel& model) {
    const auto window = encode(model);
    return model.engine().align({&window, 1}, start, text, frames)[0];
  };
  const auto ours = align(*native_);
  const auto theirs = align(*reference_);
  ASSERT_EQ(ours.token_probabilities.size(), text[0].size());
  ASSERT_EQ(theirs.token_probabilities.size(), text[0].size());
  for (size_t i = 0; i < text[0].size(); ++i) {
    EXPECT_NEAR(std::log(ours.token_probabilities[i]), std::log(theirs.token_probabilities[i]), 0.1)
        << i;
  }
}

TEST_F(LargeVocabulary, SearchesWithTheSameRules) {
  const Tokenizer& tokenizer = native_->tokenizer();
  std::vector<std::vector<int>> prompts = {tokenizer.sot_sequence("en", Task::transcribe)};
  GenerateOptions options;
  options.beam_size = 1;
  options.max_new_tokens = 12;
  const auto generate = [&](SpeechModel& model) {
    const auto window = encode(model);
    return model.engine().generate({&window, 1}, prompts, options, {})[0];
  };
  const auto ours = generate(*native_);
  const auto theirs = generate(*reference_);
  EXPECT_NEAR(std::log(ours.no_speech_prob), std::log(theirs.no_speech_prob), 0.1);
  ASSERT_FALSE(ours.tokens.empty());
  EXPECT_EQ(ours.tokens[0], theirs.tokens.at(0));
  EXPECT_GE(ours.tokens[0], tokenizer.timestamp_begin());
  prompts[0].push_back(tokenizer.no_timestamps());
  const auto plain = generate(*native_);
  ASSERT_FALSE(plain.tokens.empty());
  EXPECT_EQ(plain.tokens[0], generate(*reference_).tokens.at(0));
}

}  // namespace
}  // namespace steno::asr
