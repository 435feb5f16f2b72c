#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/asr/asr.h"
#include "pipeline/asr/quality.h"
#include "pipeline/asr/search.h"
#include "unit/pipeline/asr/scripted_engine.h"

namespace steno::asr {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

const std::string kText = " The weather is fine today.";

std::string looped(int times = 30) {
  std::string text;
  for (int i = 0; i < times; ++i) text += " I don't know.";
  return text;
}

WindowRequest request(double seconds, const std::string& language = "en", bool first = false) {
  return {tone(seconds), language, first};
}

WindowResult transcribe(ScriptedModel& scripted, const WindowRequest& window,
                        const TranscribeOptions& options = {}) {
  return transcribe_windows(*scripted.model, {&window, 1}, options)[0];
}

std::vector<double> temperatures(const ScriptedModel& scripted) {
  std::vector<double> all;
  for (const auto& call : scripted.engine->searches) all.push_back(call.options.temperature);
  return all;
}

TEST(TranscribeWindows, OneSegmentPerWindowWithItsFigures) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText, -0.25, 0.1); });
  const auto result = transcribe(scripted, request(5));
  ASSERT_EQ(result.segments.size(), 1u);
  const Segment& segment = result.segments[0];
  EXPECT_EQ(segment.text, kText);
  EXPECT_DOUBLE_EQ(segment.start, 0);
  EXPECT_DOUBLE_EQ(segment.end, 5);
  EXPECT_DOUBLE_EQ(segment.avg_logprob, -0.25);
  EXPECT_DOUBLE_EQ(segment.no_speech_prob, 0.1);
  EXPECT_DOUBLE_EQ(segment.temperature, 0);
  EXPECT_EQ(segment.tokens, scripted.tokenizer().encode(kText));
  EXPECT_TRUE(segment.words.empty());
  EXPECT_TRUE(scripted.engine->aligned_after.empty());
}

TEST(TranscribeWindows, ShortWindowsGetOnlySomeSilenceBehindThem) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText); });
  const WindowRequest windows[] = {request(3), request(25), request(30)};
  transcribe_windows(*scripted.model, windows, {});
  EXPECT_THAT(scripted.engine->encoded, ElementsAre(300 + kTrailingSilenceFrames, 3000, 3000));
  EXPECT_THAT(scripted.engine->batches, ElementsAre(3u));
}

TEST(TranscribeWindows, DevicesThatTakeBatchesGetWholeWindows) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText); });
  scripted.engine->info_.batch_size = 16;
  scripted.engine->info_.equal_lengths = true;
  const WindowRequest windows[] = {request(3), request(11)};
  transcribe_windows(*scripted.model, windows, {});
  EXPECT_THAT(scripted.engine->encoded, ElementsAre(3000, 3000));
}

TEST(TranscribeWindows, LoopIsTriedAgainWithFullPadding) {
  ScriptedModel scripted(
      [&](const SearchCall& call) { return scripted.say(call.frames < 3000 ? looped() : kText); });
  const auto result = transcribe(scripted, request(5));
  ASSERT_EQ(result.segments.size(), 1u);
  EXPECT_EQ(result.segments[0].text, kText);
  EXPECT_THAT(temperatures(scripted), ElementsAre(0, 0));
}

TEST(TranscribeWindows, OnlyTheWindowThatFailsIsTriedAgain) {
  ScriptedModel scripted([&](const SearchCall& call) {
    return scripted.say(kText, call.frames == 700 + kTrailingSilenceFrames ? -2 : -0.1);
  });
  const WindowRequest windows[] = {request(5), request(7), request(9)};
  const auto results = transcribe_windows(*scripted.model, windows, {});
  EXPECT_THAT(scripted.engine->batches, ElementsAre(3u, 1u));
  for (const auto& result : results) EXPECT_EQ(result.segments.size(), 1u);
}

TEST(TranscribeWindows, LowScoreRaisesTheTemperature) {
  ScriptedModel scripted([&](const SearchCall& call) {
    return scripted.say(kText, call.options.temperature < 0.4 ? -1.5 : -0.5);
  });
  const auto result = transcribe(scripted, request(30));
  EXPECT_THAT(temperatures(scripted), ElementsAre(0, 0.2, 0.4));
  EXPECT_DOUBLE_EQ(result.segments[0].temperature, 0.4);
}

TEST(TranscribeWindows, ThresholdsDecideWhatIsTriedAgain) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText, -1.5); });
  TranscribeOptions options;
  options.log_prob_threshold = -2;
  transcribe(scripted, request(30), options);
  EXPECT_THAT(temperatures(scripted), ElementsAre(0));
  options.log_prob_threshold = std::nullopt;
  transcribe(scripted, request(30), options);
  EXPECT_EQ(scripted.engine->searches.size(), 2u);
  options.compression_ratio_threshold = 0.5;
  transcribe(scripted, request(30), options);
  EXPECT_GT(scripted.engine->searches.size(), 7u);
}

TEST(TranscribeWindows, CompressionRatioRaisesTheTemperature) {
  // Words in another order each time: not a loop, but far too regular.
  std::string regular;
  for (int i = 0; i < 12; ++i) {
    regular += i % 3 ? " we came and we went" : " and we went we came";
  }
  ScriptedModel scripted([&](const SearchCall& call) {
    return scripted.say(call.options.temperature == 0 ? regular : kText);
  });
  EXPECT_EQ(transcribe(scripted, request(30)).segments[0].text, kText);
  EXPECT_THAT(temperatures(scripted), ElementsAre(0, 0.2));
}

TEST(TranscribeWindows, MoreTextThanTheTimeAllowsIsTriedAgain) {
  const std::string long_text =
      " Whatever anybody may have told you about this, nobody speaks as fast as these words would"
      " have to be spoken in so short a time.";
  ScriptedModel scripted([&](const SearchCall& call) {
    return scripted.say(call.options.temperature == 0 ? long_text : kText);
  });
  EXPECT_EQ(transcribe(scripted, request(1)).segments[0].text, kText);
  EXPECT_LT(scripted.engine->searches[0].options.max_new_tokens, 100);
}

TEST(TranscribeWindows, OfManyFailuresTheBestThatDoesNotRepeatIsKept) {
  ScriptedModel scripted([&](const SearchCall& call) {
    if (call.options.temperature == 0.2) return scripted.say(looped(), -0.1);
    return scripted.say(kText, call.options.temperature == 0.6 ? -1.1 : -3);
  });
  const auto result = transcribe(scripted, request(30));
  ASSERT_EQ(result.segments.size(), 1u);
  EXPECT_EQ(result.segments[0].text, kText);
  EXPECT_DOUBLE_EQ(result.segments[0].temperature, 0.6);
  EXPECT_THAT(temperatures(scripted), ElementsAre(0, 0.2, 0.4, 0.6, 0.8, 1.0));
}

TEST(TranscribeWindows, WindowThatAlwaysLoopsIsDivided) {
  ScriptedModel scripted(
      [&](const SearchCall& call) { return scripted.say(call.frames == 3000 ? looped() : kText); });
  TranscribeOptions options;
  options.word_timestamps = true;
  auto window = request(24);
  // The quietest place in its middle.
  std::fill(window.samples.begin() + 11 * kSampleRate, window.samples.begin() + 11.5 * kSampleRate,
            0.0f);
  const auto result = transcribe(scripted, window, options);
  ASSERT_EQ(result.segments.size(), 2u);
  EXPECT_EQ(result.segments[0].text, kText);
  EXPECT_EQ(result.segments[1].text, kText);
  EXPECT_LE(result.segments[0].end, result.segments[1].start);
  EXPECT_NEAR(result.segments[1].start, 11.25, 0.3);
  EXPECT_LE(result.segments[1].words.back().end, 24);
}

TEST(TranscribeWindows, WhatStillLoopsIsCutAtTheLoop) {
  ScriptedModel scripted(
      [&](const SearchCall&) { return scripted.say(" It began well." + looped()); });
  const auto result = transcribe(scripted, request(3.5));
  ASSERT_EQ(result.segments.size(), 1u);
  EXPECT_EQ(result.segments[0].text, " It began well. I don't know.");
}

TEST(TranscribeWindows, TextThatDoesNotFitIsDivided) {
  ScriptedModel scripted([&](const SearchCall& call) {
    if (call.frames < 3000) return scripted.say(kText);
    Hypothesis full;
    for (int i = 0; i < call.options.max_new_tokens; ++i) full.tokens.push_back(300 + 7 * i % 997);
    full.avg_logprob = -0.2;
    return full;
  });
  EXPECT_EQ(transcribe(scripted, request(28)).segments.size(), 2u);
  // Not if that was requested.
  TranscribeOptions options;
  options.max_new_tokens = 10;
  EXPECT_EQ(transcribe(scripted, request(28), options).segments.size(), 1u);
}

/// The search ends early, as Whisper does when a quieter voice follows. Decoded alone, the rest has
/// text.
Hypothesis end_early(const ScriptedModel& scripted, const SearchCall& call) {
  if (call.frames == 2000 + kTrailingSilenceFrames) return scripted.say(kText);
  return scripted.say(
      " Tomorrow brings rain to the coast, and colder winds from the north reach us by evening.");
}

/// A token a second.
Alignment slowly(int tokens, int frames) {
  Alignment alignment;
  for (int token = 0; token <= tokens; ++token) {
    alignment.path.emplace_back(token, std::min(50 * token, frames / 2 - 1));
  }
  alignment.token_probabilities.assign(static_cast<size_t>(tokens), 0.9f);
  return alignment;
}

TEST(TranscribeWindows, SpeechWithoutWordsIsDecodedAgainSeparately) {
  ScriptedModel scripted([&](const SearchCall& call) { return end_early(scripted, call); });
  scripted.engine->alignment = slowly;
  auto window = request(20);
  window.all_speech = true;
  const auto result = transcribe(scripted, window);
  ASSERT_EQ(result.segments.size(), 2u);
  EXPECT_EQ(result.segments[0].text, kText);
  EXPECT_LE(result.segments[0].end, 7);
  EXPECT_TRUE(result.segments[1].text.starts_with(" Tomorrow brings"));
  EXPECT_GE(result.segments[1].start, result.segments[0].end);
  EXPECT_LE(result.segments[1].end, 20);
  EXPECT_TRUE(result.segments[1].words.empty());
  EXPECT_EQ(scripted.engine->searches.size(), 2u);
}

TEST(TranscribeWindows, WordlessStretchesOfOtherAudioMayBeSilence) {
  ScriptedModel scripted([&](const SearchCall& call) { return end_early(scripted, call); });
  scripted.engine->alignment = slowly;
  EXPECT_EQ(transcribe(scripted, request(20)).segments.size(), 1u);
  // A translation's words are in another order than the speech.
  auto window = request(20);
  window.all_speech = true;
  TranscribeOptions options;
  options.task = Task::translate;
  EXPECT_EQ(transcribe(scripted, window, options).segments.size(), 1u);
}

TEST(TranscribeWindows, WhatWasMissedMayHoldNoWords) {
  ScriptedModel scripted([&](const SearchCall& call) {
    return call.frames == 2000 + kTrailingSilenceFrames ? scripted.say(kText)
                                                        : scripted.say(" You.", -1.5, 0.9);
  });
  scripted.engine->alignment = slowly;
  auto window = request(20);
  window.all_speech = true;
  const auto result = transcribe(scripted, window);
  ASSERT_EQ(result.segments.size(), 1u);
  EXPECT_EQ(result.segments[0].text, kText);
  ASSERT_EQ(result.wordless.size(), 1u);
  EXPECT_NEAR(result.wordless[0].begin, result.segments[0].end, 0.1);
  EXPECT_EQ(result.wordless[0].end, 20);
}

TEST(TranscribeWindows, WordlessPartsOfOtherAudioAreNotedToo) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText); });
  scripted.engine->alignment = slowly;
  const auto result = transcribe(scripted, request(20));
  EXPECT_EQ(result.segments[0].end, 20);
  ASSERT_EQ(result.wordless.size(), 1u);
  EXPECT_EQ(result.wordless[0].end, 20);
}

/// The number of sentences that fit into the frames of an encoding, 3 s each.
int sentences(int frames, int whole) {
  return frames == kMaxFrames ? whole : std::max(1, (frames - kTrailingSilenceFrames + 50) / 300);
}

TEST(TranscribeWindows, WhatIsSaidManyTimesIsWrittenManyTimes) {
  ScriptedModel scripted([&](const SearchCall& call) {
    // At a higher temperature, the search writes the sentence once.
    return scripted.say(looped(call.options.temperature > 0 ? 1 : sentences(call.frames, 8)));
  });
  auto window = request(24);
  window.all_speech = true;
  // A pause after each sentence.
  for (int i = 1; i < 8; ++i) {
    const auto pause = window.samples.begin() + (3 * i * kSampleRate - 2000);
    std::fill(pause, pause + 4000, 0.0F);
  }
  std::string text;
  for (const Segment& segment : transcribe(scripted, window).segments) text += segment.text;
  EXPECT_EQ(text, looped(8));
  for (const double temperature : temperatures(scripted)) EXPECT_EQ(temperature, 0);
}

TEST(TranscribeWindows, AHopelessTextNeverReplacesALikelierLoop) {
  ScriptedModel scripted([&](const SearchCall& call) {
    return call.options.temperature < 1 ? scripted.say(" It began well." + looped(), -0.3)
                                        : scripted.say(" Cnut ae.", -2.5);
  });
  const auto result = transcribe(scripted, request(3.5));
  ASSERT_EQ(result.segments.size(), 1u);
  EXPECT_EQ(result.segments[0].text, " It began well. I don't know.");
}

TEST(TranscribeWindows, SpeechWithoutAnyTextIsDecodedAgainInPieces) {
  for (const char* reason : {"hopeless", "no speech", "empty"}) {
    ScriptedModel scripted([&](const SearchCall& call) {
      if (call.frames < kMaxFrames) return scripted.say(kText);
      if (reason == std::string("empty")) return scripted.say("");
      return reason == std::string("hopeless") ? scripted.say(" Cnut.", -3)
                                               : scripted.say(" You.", -1.5, 0.9);
    });
    auto window = request(26);
    EXPECT_TRUE(transcribe(scripted, window).segments.empty()) << reason;
    window.all_speech = true;
    const auto result = transcribe(scripted, window);
    ASSERT_GE(result.segments.size(), 2u) << reason;  // missed parts of the pieces too
    for (const Segment& segment : result.segments) EXPECT_EQ(segment.text, kText);
    EXPECT_LT(result.segments.front().start, 6);
    EXPECT_GT(result.segments.back().start, 6);
  }
}

TEST(TranscribeWindows, WhatHasNoWordsInTheEndIsNoted) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(" You.", -1.5, 0.9); });
  auto window = request(26);
  window.all_speech = true;
  const auto silent = transcribe(scripted, window);
  EXPECT_TRUE(silent.segments.empty());
  ASSERT_EQ(silent.wordless.size(), 1u);
  EXPECT_EQ(silent.wordless[0].begin, 0);
  EXPECT_EQ(silent.wordless[0].end, 26);
}

TEST(TranscribeWindows, WhatNoAttemptMakesLikelyIsInvented) {
  double score = -2.5;
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText, score, 0.3); });
  EXPECT_TRUE(transcribe(scripted, request(5)).segments.empty());
  EXPECT_THAT(temperatures(scripted), ElementsAre(0, 0, 0.2, 0.4, 0.6, 0.8, 1));
  score = -1.5;  // unclear speech
  EXPECT_EQ(transcribe(scripted, request(5)).segments.size(), 1u);
  score = -2.5;
  TranscribeOptions options;
  options.log_prob_threshold = std::nullopt;
  EXPECT_EQ(transcribe(scripted, request(5), options).segments.size(), 1u);
}

TEST(TranscribeWindows, ImplausiblyFastTextIsRejected) {
  ScriptedModel scripted(
      [&](const SearchCall&) { return scripted.say(" Yeah, yeah, yeah, yeah.", -0.9, 0.63); });
  EXPECT_TRUE(transcribe(scripted, request(0.5)).segments.empty());
  EXPECT_EQ(transcribe(scripted, request(2)).segments.size(), 1u);
}

TEST(TranscribeWindows, SilenceGivesNoText) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText, -1.2, 0.7); });
  EXPECT_TRUE(transcribe(scripted, request(5)).segments.empty());
  EXPECT_THAT(temperatures(scripted), ElementsAre(0));  // silence is not a failure
  TranscribeOptions options;
  options.no_speech_threshold = 0.8;
  EXPECT_EQ(transcribe(scripted, request(30), options).segments.size(), 1u);
  options.no_speech_threshold = std::nullopt;
  EXPECT_EQ(transcribe(scripted, request(30), options).segments.size(), 1u);
}

TEST(TranscribeWindows, AGoodScoreOutweighsNoSpeech) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText, -0.3, 0.9); });
  EXPECT_EQ(transcribe(scripted, request(5)).segments.size(), 1u);
}

TEST(TranscribeWindows, PassesSearchOptions) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText); });
  TranscribeOptions options;
  options.beam_size = 3;
  options.best_of = 4;
  options.patience = 1.5;
  options.length_penalty = 0.8;
  options.repetition_penalty = 1.1;
  options.no_repeat_ngram_size = 3;
  options.max_new_tokens = 17;
  options.suppress_blank = false;
  options.max_initial_timestamp = 0.5;
  options.temperature = {0.3};
  transcribe(scripted, request(5), options);
  const GenerateOptions& search = scripted.engine->searches.at(0).options;
  EXPECT_EQ(search.beam_size, 3);
  EXPECT_EQ(search.best_of, 4);
  EXPECT_EQ(search.patience, 1.5);
  EXPECT_EQ(search.length_penalty, 0.8);
  EXPECT_EQ(search.repetition_penalty, 1.1);
  EXPECT_EQ(search.no_repeat_ngram_size, 3);
  EXPECT_EQ(search.max_new_tokens, 17);
  EXPECT_FALSE(search.suppress_blank);
  EXPECT_EQ(search.max_initial_timestamp_index, 25);
  EXPECT_EQ(search.temperature, 0.3);
}

TEST(TranscribeWindows, TimestampsCutAWindowIntoSegments) {
  ScriptedModel scripted([&](const SearchCall& call) {
    const int zero = scripted.tokenizer().timestamp_begin();
    EXPECT_THAT(call.prompt, Not(Contains(scripted.tokenizer().no_timestamps())));
    Hypothesis both;
    both.tokens = {zero, 1002, zero + 100, zero + 120, 2044, zero + 200};
    both.avg_logprob = -0.2;
    return both;
  });
  TranscribeOptions options;
  options.without_timestamps = false;
  const auto result = transcribe(scripted, request(6), options);
  ASSERT_EQ(result.segments.size(), 2u);
  EXPECT_DOUBLE_EQ(result.segments[0].end, 2);
  EXPECT_DOUBLE_EQ(result.segments[1].start, 2.4);
  EXPECT_DOUBLE_EQ(result.segments[1].end, 4);
}

TEST(TranscribeWindows, WordsLieInsideTheWindow) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText); });
  TranscribeOptions options;
  options.word_timestamps = true;
  const auto result = transcribe(scripted, request(5), options);
  ASSERT_EQ(result.segments.at(0).words.size(), 5u);
  EXPECT_EQ(result.segments[0].words.back().word, " today.");
  EXPECT_LE(result.segments[0].words.back().end, 5);
  const auto& tokenizer = scripted.tokenizer();
  auto start = tokenizer.sot_sequence("en", Task::transcribe);
  start.push_back(tokenizer.no_timestamps());
  EXPECT_THAT(scripted.engine->aligned_after, ElementsAre(start));
}

TEST(TranscribeWindows, MultilingualDetectsEachWindow) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText); });
  const auto& tokenizer = scripted.tokenizer();
  const int de = *tokenizer.language_token("de"), fr = *tokenizer.language_token("fr");
  scripted.engine->languages = {{{de, 0.9f}, {fr, 0.1f}}, {{de, 0.3f}, {fr, 0.7f}}};
  TranscribeOptions options;
  options.multilingual = true;
  const WindowRequest windows[] = {request(5, "en"), request(6, "en")};
  const auto results = transcribe_windows(*scripted.model, windows, options);
  EXPECT_EQ(results[0].language, "de");
  EXPECT_NEAR(results[0].language_probability, 0.9, 1e-6);
  EXPECT_EQ(results[1].language, "fr");
  EXPECT_THAT(scripted.engine->searches[0].prompt, Contains(de));
  EXPECT_THAT(scripted.engine->searches[1].prompt, Contains(fr));
}

TEST(TranscribeWindows, EnglishModelsKnowOnlyEnglish) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText); }, "tiny.en");
  TranscribeOptions options;
  options.multilingual = true;
  EXPECT_EQ(transcribe(scripted, request(5, "de"), options).language, "en");
  EXPECT_THAT(scripted.engine->searches[0].prompt,
              ElementsAre(scripted.tokenizer().sot(), scripted.tokenizer().no_timestamps()));
}

TEST(TranscribeWindows, StopsBetweenAttempts) {
  std::stop_source stop;
  ScriptedModel scripted([&](const SearchCall&) {
    stop.request_stop();
    return scripted.say(looped());
  });
  const auto window = request(30);
  transcribe_windows(*scripted.model, {&window, 1}, {}, stop.get_token());
  EXPECT_EQ(scripted.engine->searches.size(), 1u);
}

TEST(TranscribeWindows, NoWindowsNoWork) {
  ScriptedModel scripted([&](const SearchCall&) { return scripted.say(kText); });
  EXPECT_TRUE(transcribe_windows(*scripted.model, {}, {}).empty());
}

TEST(CompressionRatio, DistinguishesRepetitionFromSpeech) {
  EXPECT_GT(compression_ratio(looped()), 10);
  EXPECT_LT(compression_ratio(kText), 1.2);
  EXPECT_EQ(compression_ratio(""), 0);
}

}  // namespace
}  // namespace steno::asr
