#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/asr/asr.h"
#include "pipeline/asr/audio_queue.h"
#include "pipeline/asr/prompt.h"
#include "unit/pipeline/asr/scripted_engine.h"

namespace steno::asr {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

/// Supplies a tone in blocks of half a second, and counts the requested samples.
class Tape {
 public:
  explicit Tape(double seconds) : samples_(tone(seconds)) {}
  SequentialTranscriber::Pull pull() {
    return [this](std::vector<float>& block) {
      if (at_ >= samples_.size()) return false;
      const size_t end = std::min(samples_.size(), at_ + kSampleRate / 2);
      block.assign(samples_.begin() + at_, samples_.begin() + end);
      at_ = end;
      return true;
    };
  }
  double given() const { return static_cast<double>(at_) / kSampleRate; }

 private:
  std::vector<float> samples_;
  size_t at_ = 0;
};

class SequentialTest : public ::testing::Test {
 protected:
  int time(double seconds) const {
    return scripted_.tokenizer().timestamp_begin() + static_cast<int>(seconds * 50 + 0.5);
  }
  /// <|start|> text <|end|>, by default with a good mean log-probability.
  Hypothesis timed(double start, const std::string& text, double end, double score = -0.2) const {
    Hypothesis said = scripted_.say(text, score);
    said.tokens.insert(said.tokens.begin(), time(start));
    said.tokens.push_back(time(end));
    return said;
  }
  /// The next of answers_. After the last one, " End." up to the window's end.
  Hypothesis answer() const {
    return next_ < answers_.size() ? answers_[next_++] : timed(0, " End.", 30);
  }
  std::vector<Segment> run(double seconds, const std::string& language = "en") {
    Tape tape(seconds);
    SequentialTranscriber transcriber(*scripted_.model, language, options_, tape.pull());
    std::vector<Segment> all, some;
    for (int windows = 0; transcriber.next(some); ++windows) {
      EXPECT_LT(windows, 100) << "never ends";
      if (windows >= 100) break;
      all.insert(all.end(), some.begin(), some.end());
    }
    EXPECT_LE(transcriber.position(), seconds + 1e-9);
    return all;
  }
  const std::vector<int>& prompt(size_t search) const {
    return scripted_.engine->searches.at(search).prompt;
  }
  size_t searches() const { return scripted_.engine->searches.size(); }

  std::vector<Hypothesis> answers_;
  mutable size_t next_ = 0;
  ScriptedModel scripted_{[this](const SearchCall&) { return answer(); }};
  const Tokenizer& tokenizer_ = scripted_.tokenizer();
  TranscribeOptions options_;
};

Hypothesis joined(Hypothesis first, const Hypothesis& second) {
  first.tokens.insert(first.tokens.end(), second.tokens.begin(), second.tokens.end());
  return first;
}

TEST_F(SequentialTest, NextWindowBeginsAtTheLastTimestamp) {
  auto unfinished = joined(timed(0, " One.", 10), timed(10, " Two.", 21));
  unfinished.tokens.push_back(time(21));
  unfinished.tokens.push_back(tokenizer_.encode(" Thr")[0]);
  answers_ = {unfinished, timed(1, " Three.", 8)};
  const auto segments = run(40);
  ASSERT_EQ(segments.size(), 3u);
  EXPECT_DOUBLE_EQ(segments[1].start, 10);
  EXPECT_DOUBLE_EQ(segments[1].end, 21);
  EXPECT_EQ(segments[2].text, " Three.");
  EXPECT_DOUBLE_EQ(segments[2].start, 21);
  EXPECT_DOUBLE_EQ(segments[2].end, 29);
  EXPECT_EQ(searches(), 2u);
}

TEST_F(SequentialTest, TextBeforeIsThePrompt) {
  answers_ = {timed(0, " One.", 30)};
  run(60);
  ASSERT_EQ(searches(), 2u);
  EXPECT_EQ(prompt(0), tokenizer_.sot_sequence("en", Task::transcribe));
  auto expected = timed(0, " One.", 30).tokens;
  expected.insert(expected.begin(), tokenizer_.sot_prev());
  const auto task = tokenizer_.sot_sequence("en", Task::transcribe);
  expected.insert(expected.end(), task.begin(), task.end());
  EXPECT_EQ(prompt(1), expected);
}

TEST_F(SequentialTest, ConditionOnPreviousTextOff) {
  options_.condition_on_previous_text = false;
  options_.initial_prompt = "Steno.";
  run(90);
  ASSERT_EQ(searches(), 3u);
  EXPECT_EQ(prompt(0)[0], tokenizer_.sot_prev());
  EXPECT_EQ(prompt(1), tokenizer_.sot_sequence("en", Task::transcribe));
  EXPECT_EQ(prompt(2), prompt(1));
}

TEST_F(SequentialTest, PromptIsResetAboveATemperature) {
  options_.temperature = {0.0, 0.6};
  answers_ = {timed(0, " Bad.", 30, -3), timed(0, " Good.", 30)};
  run(60);
  ASSERT_EQ(searches(), 3u);
  EXPECT_EQ(prompt(2), tokenizer_.sot_sequence("en", Task::transcribe));
  options_.prompt_reset_on_temperature = 0.7;
  next_ = 0;
  run(60);
  EXPECT_EQ(prompt(5)[0], tokenizer_.sot_prev());
}

TEST_F(SequentialTest, TextThatLoopsIsNoPrompt) {
  answers_.assign(6, timed(0, " I don't know. I don't know.", 30));
  run(120);
  ASSERT_EQ(searches(), 4u);
  EXPECT_EQ(prompt(1)[0], tokenizer_.sot_prev());
  EXPECT_EQ(prompt(2), tokenizer_.sot_sequence("en", Task::transcribe));
  EXPECT_EQ(prompt(3)[0], tokenizer_.sot_prev());
}

TEST_F(SequentialTest, PrefixIsForTheFirstWindow) {
  options_.prefix = "Well";
  auto said = timed(0, " well", 30);
  said.tokens.erase(said.tokens.begin());
  answers_ = {said};
  const auto segments = run(60);
  EXPECT_EQ(segments.at(0).text, " Well well");
  EXPECT_EQ(prompt(0).back(), tokenizer_.encode(" Well").back());
  EXPECT_EQ(prompt(1).back(), tokenizer_.transcribe());
}

TEST_F(SequentialTest, InitialPromptAndHotwords) {
  options_.initial_prompt = "Steno.";
  options_.hotwords = "Whisper";
  run(20);
  auto expected = tokenizer_.encode(" Whisper");
  const auto initial = tokenizer_.encode(" Steno.");
  expected.insert(expected.begin(), tokenizer_.sot_prev());
  expected.insert(expected.end(), initial.begin(), initial.end());
  const auto task = tokenizer_.sot_sequence("en", Task::transcribe);
  expected.insert(expected.end(), task.begin(), task.end());
  EXPECT_EQ(prompt(0), expected);
}

TEST_F(SequentialTest, SilentWindowsAreSkipped) {
  answers_ = {scripted_.say(" Thanks.", -1.5, 0.9), timed(0, " Two.", 30)};
  const auto segments = run(60);
  ASSERT_EQ(segments.size(), 1u);
  EXPECT_DOUBLE_EQ(segments[0].start, 30);
  EXPECT_EQ(prompt(1), tokenizer_.sot_sequence("en", Task::transcribe));
}

TEST_F(SequentialTest, NoWindowIsInTwoStretches) {
  answers_ = {timed(0, " One.", 5), timed(0, " Two.", 20), timed(0, " Three.", 30)};
  std::vector<std::vector<float>> stretches = {tone(5), tone(20.5), {}, tone(40)};
  const std::vector<int64_t> lengths = {80000, 328000, 0, 640000};
  size_t stretch = 0;
  SequentialTranscriber transcriber(
      *scripted_.model, "en", options_, [&](std::vector<float>& block) {
        block = stretch < stretches.size() ? std::exchange(stretches[stretch], {}) : block;
        if (block.empty()) ++stretch;
        return !block.empty();
      });
  std::vector<Segment> all, some;
  while (stretch <= stretches.size()) {
    EXPECT_LE(transcriber.wanted(), 30 * kSampleRate);
    transcriber.next(some);
    all.insert(all.end(), some.begin(), some.end());
  }
  ASSERT_EQ(all.size(), 4u);
  EXPECT_DOUBLE_EQ(all[0].end, 5);
  EXPECT_DOUBLE_EQ(all[1].start, 5);
  EXPECT_DOUBLE_EQ(all[1].end, 25);
  EXPECT_DOUBLE_EQ(all[2].start, 25.5);
  EXPECT_DOUBLE_EQ(all[2].end, 55.5);
  EXPECT_DOUBLE_EQ(all[3].start, 55.5);
  EXPECT_DOUBLE_EQ(all[3].end, 65.5);
  EXPECT_DOUBLE_EQ(transcriber.position(), 65.5);
}

TEST_F(SequentialTest, WantsWhatTheNextWindowReads) {
  Tape tape(600);
  options_.chunk_length = 10;
  options_.without_timestamps = true;
  SequentialTranscriber short_windows(*scripted_.model, "en", options_, tape.pull());
  EXPECT_EQ(short_windows.wanted(), 10 * kSampleRate);
  std::vector<Segment> segments;
  short_windows.next(segments);
  EXPECT_DOUBLE_EQ(tape.given(), 10);
  EXPECT_EQ(short_windows.wanted(), 10 * kSampleRate);
}

TEST_F(SequentialTest, LooksAheadOnlyAWindowForTheLongestSilence) {
  options_.word_timestamps = true;
  options_.hallucination_silence_threshold = 3600;
  Tape tape(600);
  SequentialTranscriber transcriber(*scripted_.model, "en", options_, tape.pull());
  EXPECT_EQ(transcriber.wanted(), kMaxWantedSeconds * kSampleRate);
  std::vector<Segment> segments;
  ASSERT_TRUE(transcriber.next(segments));
  EXPECT_DOUBLE_EQ(tape.given(), kMaxWantedSeconds);
}

TEST_F(SequentialTest, ChunkLengthIsTheLongestWindow) {
  options_.chunk_length = 10;
  options_.without_timestamps = true;
  const auto segments = run(40);
  EXPECT_EQ(searches(), 4u);
  EXPECT_DOUBLE_EQ(segments.at(3).start, 30);
  EXPECT_THAT(prompt(0), Contains(tokenizer_.no_timestamps()));
}

TEST_F(SequentialTest, NeverReadsAWindowForEver) {
  Hypothesis nowhere = timed(0, "", 0);
  nowhere.tokens.push_back(time(0));
  nowhere.tokens.push_back(1002);
  answers_.assign(50, nowhere);
  run(300);
  EXPECT_LE(searches(), 80u);
}

TEST_F(SequentialTest, LoopsAreCutAndTheRestIsDecodedAgain) {
  std::string loop;
  for (int i = 0; i < 30; ++i) loop += " I don't know.";
  answers_.assign(options_.temperature.size(), timed(0, " So." + loop, 30));
  const auto segments = run(30);
  ASSERT_GE(segments.size(), 2u);
  EXPECT_EQ(segments[0].text, " So. I don't know.");
  // The engine aligns words evenly over the window.
  EXPECT_GT(segments[0].end, 20);
  EXPECT_LT(segments[0].end, 29);
  EXPECT_TRUE(segments[0].words.empty());
  EXPECT_EQ(segments[1].text, " End.");
  EXPECT_NEAR(segments[1].start, segments[0].end, 0.01);
  EXPECT_DOUBLE_EQ(segments.back().end, 30);
}

/// A token every 0.4 s.
Alignment spoken_at_once(int tokens, int) {
  Alignment alignment;
  for (int token = 0; token <= tokens; ++token) alignment.path.emplace_back(token, 20 * token);
  alignment.token_probabilities.assign(static_cast<size_t>(tokens), 0.9f);
  return alignment;
}

TEST_F(SequentialTest, ASentenceThatIsSaidAgainAndAgainIsKept) {
  Hypothesis loop = timed(0, " I don't know this.", 3);
  for (int i = 1; i < 10; ++i) loop = joined(loop, timed(3 * i, " I don't know this.", 3 * i + 3));
  scripted_.engine->alignment = spoken_at_once;
  for (const bool words : {false, true}) {
    options_.word_timestamps = words;
    next_ = 0;
    answers_.assign(options_.temperature.size(), loop);
    scripted_.engine->searches.clear();
    const auto segments = run(30);
    ASSERT_GE(segments.size(), 4u);
    EXPECT_EQ(segments[0].text, " I don't know this.");
    EXPECT_LT(segments[0].end, 4);
    EXPECT_EQ(segments[0].words.empty(), !words);
    EXPECT_NEAR(segments[1].start, segments[0].end, 0.01);
    // In pieces that are too short for a loop, and the silence after them.
    for (size_t i = answers_.size(); i < searches(); ++i) {
      EXPECT_LE(scripted_.engine->searches[i].frames, 1125 + 800);
    }
  }
}

TEST_F(SequentialTest, AfterAHigherTemperatureTheRestIsDecodedAgain) {
  scripted_.engine->alignment = spoken_at_once;
  options_.temperature = {0.0, 1.0};
  answers_ = {timed(0, " Bad.", 30, -3), timed(0, " I don't know this.", 10)};
  const auto segments = run(30);
  ASSERT_GE(segments.size(), 2u);
  EXPECT_LT(segments[0].end, 4);
  EXPECT_NEAR(segments[1].start, segments[0].end, 0.01);
  // Without this, the timestamp means that no text follows.
  next_ = 0;
  answers_ = {timed(0, " I don't know this.", 10)};
  EXPECT_EQ(run(30).size(), 1u);
}

TEST_F(SequentialTest, LoopsToTheEndMoveOn) {
  std::string loop;
  for (int i = 0; i < 30; ++i) loop += " I don't know.";
  answers_.assign(5000, timed(0, loop, 0));
  for (const Segment& segment : run(60)) EXPECT_EQ(segment.text, " I don't know.");
}

TEST_F(SequentialTest, HoldsOnlyAWindowOfAudio) {
  Tape tape(600);
  SequentialTranscriber transcriber(*scripted_.model, "en", options_, tape.pull());
  std::vector<Segment> segments;
  for (int window = 1; window <= 10; ++window) {
    ASSERT_TRUE(transcriber.next(segments));
    EXPECT_LE(tape.given(), 30 * window + 1);
  }
}

TEST_F(SequentialTest, MultilingualDetectsEachWindow) {
  options_.multilingual = true;
  const int de = *tokenizer_.language_token("de"), en = *tokenizer_.language_token("en");
  scripted_.engine->languages = {{{de, 0.9f}}, {{en, 0.8f}}};
  run(60, "en");
  EXPECT_THAT(prompt(0), Contains(de));
  EXPECT_THAT(prompt(1), Contains(en));
}

TEST_F(SequentialTest, WordsMoveTheNextWindowToTheLastWord) {
  options_.word_timestamps = true;
  auto both = joined(timed(0, " One two three.", 10), timed(10, " Four.", 20));
  both.tokens.push_back(time(20));
  both.tokens.push_back(tokenizer_.encode(" Fi")[0]);
  answers_ = {both};
  Tape tape(40);
  SequentialTranscriber transcriber(*scripted_.model, "en", options_, tape.pull());
  std::vector<Segment> segments;
  ASSERT_TRUE(transcriber.next(segments));
  const double last = segments.at(1).words.back().end;
  EXPECT_DOUBLE_EQ(segments[1].end, last);
  EXPECT_NE(last, 20);
  EXPECT_DOUBLE_EQ(transcriber.position(), last);
}

/// Improbable words that begin after 0.6 s.
TEST_F(SequentialTest, ShortSilenceBeforeInventedWordsIsSkippedByItself) {
  options_.word_timestamps = true;
  options_.hallucination_silence_threshold = 0.1;
  scripted_.engine->alignment = [](int tokens, int) {
    Alignment alignment;
    for (int token = 0; token <= tokens; ++token) alignment.path.emplace_back(token, 30 + token);
    alignment.token_probabilities.assign(static_cast<size_t>(tokens), 0.05f);
    return alignment;
  };
  answers_ = {timed(0, " Hm. Hm.", 30)};
  Tape tape(40);
  SequentialTranscriber transcriber(*scripted_.model, "en", options_, tape.pull());
  std::vector<Segment> segments;
  ASSERT_TRUE(transcriber.next(segments));
  EXPECT_TRUE(segments.empty());
  EXPECT_DOUBLE_EQ(transcriber.position(), 0.6);
}

TEST_F(SequentialTest, StopEndsIt) {
  std::stop_source stop;
  stop.request_stop();
  Tape tape(60);
  SequentialTranscriber transcriber(*scripted_.model, "en", options_, tape.pull());
  std::vector<Segment> segments;
  EXPECT_FALSE(transcriber.next(segments, stop.get_token()));
  EXPECT_EQ(searches(), 0u);
}

TEST_F(SequentialTest, EmptyRecording) { EXPECT_TRUE(run(0).empty()); }

TEST(AudioQueue, ForgetsWhatIsBehind) {
  int blocks = 0;
  AudioQueue queue([&](std::vector<float>& block) {
    block.assign(100, static_cast<float>(blocks));
    return ++blocks <= 50;
  });
  EXPECT_EQ(queue.at(250, 100)[0], 2);
  queue.skip_to(1010);
  EXPECT_EQ(queue.at(1010, 10)[0], 10);
  EXPECT_FALSE(queue.ended());
  EXPECT_EQ(queue.at(4950, 500).size(), 50u);
  EXPECT_TRUE(queue.ended());
  EXPECT_EQ(queue.known(), 5000);
  queue.skip_to(9000);
  EXPECT_TRUE(queue.at(9000, 10).empty());
  blocks = 49;
  queue.next_stretch();
  EXPECT_EQ(queue.at(5000, 500).size(), 100u);
}

}  // namespace
}  // namespace steno::asr
