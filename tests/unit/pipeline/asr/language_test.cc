#include "pipeline/asr/language.h"

#include <gtest/gtest.h>

#include "unit/pipeline/asr/scripted_engine.h"

namespace steno::asr {
namespace {

class DetectLanguageTest : public ::testing::Test {
 protected:
  std::map<int, float> probabilities(float de, float fr, float it) const {
    const auto id = [&](const char* code) { return *scripted_.tokenizer().language_token(code); };
    return {{id("de"), de}, {id("fr"), fr}, {id("it"), it}};
  }
  DetectedLanguage detect() { return detect_language(*scripted_.model, stretches_, options_); }

  ScriptedModel scripted_{[](const SearchCall&) { return Hypothesis(); }};
  std::vector<std::vector<float>> stretches_ = std::vector<std::vector<float>>(4, tone(3));
  TranscribeOptions options_;
};

TEST_F(DetectLanguageTest, OneStretchUnlessMoreAreAskedFor) {
  scripted_.engine->languages = {probabilities(0.3f, 0.4f, 0.3f), probabilities(0.9f, 0.1f, 0)};
  const auto found = detect();
  EXPECT_EQ(found.language, "fr");
  EXPECT_NEAR(found.probability, 0.4, 1e-6);
  EXPECT_EQ(scripted_.engine->languages_asked, 1u);
}

TEST_F(DetectLanguageTest, FirstStretchAboveTheThresholdDecides) {
  options_.language_detection_segments = 4;
  scripted_.engine->languages = {probabilities(0.3f, 0.4f, 0.3f), probabilities(0.9f, 0.1f, 0)};
  auto found = detect();
  EXPECT_EQ(found.language, "de");
  EXPECT_NEAR(found.probability, 0.9, 1e-6);
  EXPECT_EQ(scripted_.engine->languages_asked, 2u);
  options_.language_detection_threshold = 0.35;
  scripted_.engine->languages_asked = 0;
  found = detect();
  EXPECT_EQ(found.language, "fr");
  EXPECT_EQ(scripted_.engine->languages_asked, 1u);
}

TEST_F(DetectLanguageTest, OtherwiseTheMeanOfAllStretches) {
  options_.language_detection_segments = 3;
  options_.language_detection_threshold = 0.95;
  scripted_.engine->languages = {probabilities(0.3f, 0.4f, 0.3f), probabilities(0.2f, 0.3f, 0.5f),
                                 probabilities(0.1f, 0.6f, 0.3f), probabilities(1, 0, 0)};
  auto found = detect();
  EXPECT_EQ(found.language, "fr");
  EXPECT_NEAR(found.probability, 1.3 / 3, 1e-6);
  EXPECT_EQ(scripted_.engine->languages_asked, 3u);
}

TEST_F(DetectLanguageTest, LooksAtNoFurtherStretchOnceItIsStopped) {
  options_.language_detection_segments = 1000;
  options_.language_detection_threshold = std::nullopt;
  stretches_.resize(1000, tone(0.1));
  scripted_.engine->languages = {probabilities(0.3f, 0.4f, 0.3f)};
  std::stop_source stop;
  scripted_.engine->on_language = [&] {
    if (scripted_.engine->languages_asked == 2) stop.request_stop();
  };
  detect_language(*scripted_.model, stretches_, options_, stop.get_token());
  EXPECT_EQ(scripted_.engine->languages_asked, 2u);
}

TEST_F(DetectLanguageTest, WithoutAThresholdNoStretchDecidesAlone) {
  options_.language_detection_segments = 2;
  options_.language_detection_threshold = std::nullopt;
  scripted_.engine->languages = {probabilities(0.9f, 0.1f, 0), probabilities(0, 1, 0)};
  const auto found = detect();
  EXPECT_EQ(found.language, "fr");
  EXPECT_NEAR(found.probability, 0.55, 1e-6);
}

TEST_F(DetectLanguageTest, WithoutSpeechItIsEnglishWithoutCertainty) {
  stretches_.clear();
  const auto found = detect();
  EXPECT_EQ(found.language, "en");
  EXPECT_EQ(found.probability, 0);
}

TEST(DetectLanguage, EnglishModelsNeedNoDetection) {
  ScriptedModel scripted([](const SearchCall&) { return Hypothesis(); }, "tiny.en");
  const std::vector<std::vector<float>> stretches = {tone(3)};
  const auto found = detect_language(*scripted.model, stretches, {});
  EXPECT_EQ(found.language, "en");
  EXPECT_EQ(found.probability, 1);
  EXPECT_TRUE(scripted.engine->encoded.empty());
}

TEST(DetectLanguage, DetectsEnglish) {
  const std::vector<std::vector<float>> stretches = {recording("austen-0920.wav")};
  const auto found = detect_language(real_model("base"), stretches, {});
  EXPECT_EQ(found.language, "en");
  EXPECT_GT(found.probability, 0.9);
}

}  // namespace
}  // namespace steno::asr
