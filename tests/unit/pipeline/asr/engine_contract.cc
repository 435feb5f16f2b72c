// The contract of every engine, on real models and real speech.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "pipeline/asr/asr.h"
#include "pipeline/asr/ctranslate2/ctranslate2_engine.h"
#include "pipeline/asr/engine.h"
#include "pipeline/asr/native/native_engine.h"
#include "pipeline/asr/prompt.h"
#include "test_paths.h"
#include "unit/pipeline/asr/scripted_engine.h"

namespace steno::asr {
namespace {

using ::testing::Each;
using ::testing::Lt;

struct EngineKind {
  const char* name;
  Result<std::unique_ptr<Engine>> (*make)(const EngineConfig&);
};

void PrintTo(const EngineKind& kind, std::ostream* out) { *out << kind.name; }

constexpr EngineKind kKinds[] = {{"ctranslate2", make_ctranslate2_engine},
                                 {"native", make_native_engine}};

/// The engines of this kind, loaded once each.
SpeechModel& model_of(const EngineKind& kind, const std::string& name) {
  static std::map<std::string, std::unique_ptr<SpeechModel>> loaded;
  auto& model = loaded[kind.name + ("/" + name)];
  if (!model) {
    EngineConfig config;
    config.model_folder = std::string(STENO_MODELS) + "/" + name;
    config.device = "cpu";
    config.num_workers = 2;
    auto engine = kind.make(config);
    if (!engine) throw std::runtime_error(engine.error().message);
    auto tokenizer = Tokenizer::load(config.model_folder, (*engine)->info().multilingual);
    if (!tokenizer) throw std::runtime_error(tokenizer.error().message);
    model = std::make_unique<SpeechModel>(std::move(*engine), *tokenizer, FeatureExtractor(80));
  }
  return *model;
}

class EngineContract : public ::testing::TestWithParam<EngineKind> {
 protected:
  Engine& engine() { return model_.engine(); }
  const Tokenizer& tokenizer() const { return model_.tokenizer(); }

  Features features_of(const std::vector<float>& samples, int silence = 800) const {
    const auto features = model_.features().extract(samples);
    return pad_or_trim(features, std::min(3000, features.frames + silence));
  }
  EncodedPtr encode(const std::vector<float>& samples) {
    const auto features = features_of(samples);
    return engine().encode({&features, 1})[0];
  }
  std::vector<int> prompt(bool timestamps = false) const {
    auto tokens = tokenizer().sot_sequence("en", Task::transcribe);
    if (!timestamps) tokens.push_back(tokenizer().no_timestamps());
    return tokens;
  }
  Hypothesis generate(const EncodedPtr& window, const GenerateOptions& options,
                      const std::vector<int>& prompt, std::stop_token stop = {}) {
    return engine().generate({&window, 1}, {&prompt, 1}, options, stop)[0];
  }
  Hypothesis generate(const EncodedPtr& window, const GenerateOptions& options = {}) {
    return generate(window, options, prompt());
  }
  /// A conversation of 12 s.
  static std::vector<float> conversation() {
    const auto all = recording("telephone.wav");
    return {all.begin() + 12 * kSampleRate, all.begin() + 24 * kSampleRate};
  }
  /// Whether the other options change the text of some recording.
  bool differs(const GenerateOptions& one, const GenerateOptions& other, bool timestamps = false) {
    for (const std::string name : {"austen-0930.wav", "austen-0880.wav", "austen-0890.wav",
                                   "austen-0920.wav", "telephone.wav"}) {
      const auto window = encode(recording(name));
      if (generate(window, one, prompt(timestamps)).tokens !=
          generate(window, other, prompt(timestamps)).tokens) {
        return true;
      }
    }
    return false;
  }

  SpeechModel& model_ = model_of(GetParam(), "tiny.en");
};

TEST_P(EngineContract, TranscribesSpeech) {
  SpeechModel& base = model_of(GetParam(), "base");
  auto features = base.features().extract(recording("austen-0870.wav"));
  features = pad_or_trim(features, features.frames + 800);
  const auto window = base.engine().encode({&features, 1});
  std::vector<int> prompt = base.tokenizer().sot_sequence("en", Task::transcribe);
  prompt.push_back(base.tokenizer().no_timestamps());
  GenerateOptions options;
  for (const int beam_size : {1, 5}) {
    options.beam_size = beam_size;
    const auto hypothesis = base.engine().generate(window, {&prompt, 1}, options, {})[0];
    EXPECT_EQ(base.tokenizer().decode(hypothesis.tokens),
              " And Mr. John Dashwood had then leisure to consider how much there might be"
              " prudently in his power to do for them.");
  }
}

TEST_P(EngineContract, ScoresAreMeanLogProbabilities) {
  const auto sure = generate(encode(recording("austen-0880.wav")));
  EXPECT_LT(sure.avg_logprob, 0);
  EXPECT_GT(sure.avg_logprob, -0.6);
  const auto unsure = generate(encode(tone(3)));
  EXPECT_LT(unsure.avg_logprob, sure.avg_logprob);
  EXPECT_GT(unsure.no_speech_prob, sure.no_speech_prob);
}

TEST_P(EngineContract, TakesWindowsOfAnyLength) {
  const auto speech = model_.features().extract(recording("austen-0880.wav"));
  std::vector<Features> windows;
  for (const int frames : {2, 3, 10, 99, 160, 161, 900, 1501, 3000}) {
    windows.push_back(pad_or_trim(speech, frames));
  }
  const auto encoded = engine().encode(windows);
  ASSERT_EQ(encoded.size(), windows.size());
  GenerateOptions options;
  options.max_new_tokens = 8;
  const std::vector<std::vector<int>> prompts(windows.size(), prompt());
  EXPECT_EQ(engine().generate(encoded, prompts, options, {}).size(), windows.size());
}

TEST_P(EngineContract, ABatchGivesTheSameTextAsSingleWindows) {
  std::vector<EncodedPtr> windows;
  for (const std::string name : {"austen-0880.wav", "austen-0890.wav", "austen-0930.wav"}) {
    windows.push_back(encode(recording(name)));
  }
  const std::vector<std::vector<int>> prompts(windows.size(), prompt());
  const auto together = engine().generate(windows, prompts, {}, {});
  for (size_t i = 0; i < windows.size(); ++i) {
    const auto alone = generate(windows[i]);
    EXPECT_EQ(together[i].tokens, alone.tokens);
    EXPECT_NEAR(together[i].avg_logprob, alone.avg_logprob, 1e-3);
  }
}

TEST_P(EngineContract, PromptsOfDifferentLength) {
  const std::vector<EncodedPtr> windows(2, encode(recording("austen-0880.wav")));
  auto after = tokenizer().encode(" He came in.");
  after.insert(after.begin(), tokenizer().sot_prev());
  for (const int token : prompt()) after.push_back(token);
  const std::vector<std::vector<int>> prompts = {prompt(), after};
  const auto both = engine().generate(windows, prompts, {}, {});
  EXPECT_EQ(both[0].tokens, generate(windows[0]).tokens);
  EXPECT_EQ(both[1].tokens, generate(windows[0], {}, after).tokens);
}

TEST_P(EngineContract, PromptIsNoPartOfTheAnswer) {
  const auto window = encode(recording("austen-0880.wav"));
  auto begun = prompt();
  for (const int token : tokenizer().encode(" He was not")) begun.push_back(token);
  const auto text = tokenizer().decode(generate(window, {}, begun).tokens);
  EXPECT_THAT(text, ::testing::StartsWith(" an "));
  EXPECT_THAT(text, ::testing::EndsWith(" young man."));
  GenerateOptions few;
  few.max_new_tokens = 3;
  EXPECT_EQ(generate(window, few, begun).tokens.size(), 3u);
}

TEST_P(EngineContract, MaxNewTokens) {
  const auto window = encode(recording("austen-0880.wav"));
  GenerateOptions options;
  for (const int most : {1, 4}) {
    options.max_new_tokens = most;
    EXPECT_EQ(generate(window, options).tokens.size(), static_cast<size_t>(most));
  }
  // A limit above the decoder's capacity is valid.
  options.max_new_tokens = 448;
  std::vector<int> full(223, tokenizer().encode(" and")[0]);
  full.insert(full.begin(), tokenizer().sot_prev());
  for (const int token : prompt()) full.push_back(token);
  EXPECT_LE(generate(window, options, full).tokens.size(), 448u - full.size() + 1);
}

TEST_P(EngineContract, BeamSize) {
  GenerateOptions beam, greedy;
  greedy.beam_size = 1;
  EXPECT_TRUE(differs(beam, greedy));
}

TEST_P(EngineContract, Patience) {
  GenerateOptions hasty, patient;
  hasty.patience = 0.2;  // the first hypothesis that is finished
  patient.patience = 3;
  EXPECT_TRUE(differs(hasty, patient));
}

TEST_P(EngineContract, LengthPenalty) {
  GenerateOptions brief, lengthy;
  brief.length_penalty = 0;
  lengthy.length_penalty = 4;
  brief.patience = lengthy.patience = 3;
  EXPECT_TRUE(differs(brief, lengthy));
}

TEST_P(EngineContract, NoRepeatNgramSize) {
  GenerateOptions options;
  options.no_repeat_ngram_size = 1;
  const auto tokens = generate(encode(conversation()), options).tokens;
  EXPECT_EQ(std::set<int>(tokens.begin(), tokens.end()).size(), tokens.size());
  options.no_repeat_ngram_size = 0;
  const auto free = generate(encode(conversation()), options).tokens;
  EXPECT_LT(std::set<int>(free.begin(), free.end()).size(), free.size());
}

TEST_P(EngineContract, RepetitionPenalty) {
  const auto window = encode(conversation());
  const auto share_of_new = [&](double penalty) {
    GenerateOptions options;
    options.repetition_penalty = penalty;
    const auto tokens = generate(window, options).tokens;
    const std::set<int> distinct(tokens.begin(), tokens.end());
    return static_cast<double>(distinct.size()) / static_cast<double>(tokens.size());
  };
  EXPECT_LT(share_of_new(1), share_of_new(2));
}

TEST_P(EngineContract, SuppressTokens) {
  const auto window = encode(recording("austen-0880.wav"));
  const auto free = generate(window).tokens;
  GenerateOptions options;
  options.suppress_tokens = {free[0], free[2]};
  const auto tokens = generate(window, options).tokens;
  EXPECT_THAT(tokens, ::testing::Not(::testing::Contains(free[0])));
  EXPECT_THAT(tokens, ::testing::Not(::testing::Contains(free[2])));
}

TEST_P(EngineContract, SuppressBlank) {
  const auto window = encode(std::vector<float>(kSampleRate, 0.0f));
  const int blank = tokenizer().encode(" ").at(0);
  GenerateOptions options;
  const auto first_of = [&] {
    const auto tokens = generate(window, options).tokens;
    return tokens.empty() ? tokenizer().eot() : tokens[0];
  };
  EXPECT_THAT(first_of(), ::testing::AllOf(::testing::Ne(blank), Lt(tokenizer().eot())));
  // Nothing else is allowed, so the blank or the end comes as early as possible.
  for (int token = 1; token < engine().info().vocabulary_size; ++token) {
    if (token != blank && token != tokenizer().eot()) options.suppress_tokens.push_back(token);
  }
  EXPECT_EQ(first_of(), 0);
  options.suppress_blank = false;
  EXPECT_NE(first_of(), 0);
}

TEST_P(EngineContract, TemperatureSamples) {
  GenerateOptions sure, sampled;
  sampled.temperature = 1.5;
  sure.max_new_tokens = sampled.max_new_tokens = 12;
  EXPECT_TRUE(differs(sure, sampled));
  EXPECT_FALSE(differs(sure, sure));
}

TEST_P(EngineContract, BestOfTakesTheLikeliest) {
  std::vector<EncodedPtr> windows;
  for (const std::string name : {"austen-0870.wav", "austen-0880.wav", "austen-0890.wav",
                                 "austen-0920.wav", "austen-0930.wav"}) {
    windows.push_back(encode(recording(name)));
  }
  const std::vector<std::vector<int>> prompts(windows.size(), prompt());
  const auto sum_of_scores = [&](int best_of) {
    GenerateOptions options;
    options.temperature = 1.2;
    options.best_of = best_of;
    options.max_new_tokens = 20;
    double sum = 0;
    for (const auto& hypothesis : engine().generate(windows, prompts, options, {})) {
      sum += hypothesis.avg_logprob;
    }
    return sum;
  };
  EXPECT_LT(sum_of_scores(1), sum_of_scores(8));
}

TEST_P(EngineContract, TimestampsComeInPairsAndNeverGoBack) {
  const auto window = encode(conversation());
  const int zero = tokenizer().timestamp_begin();
  const auto tokens = generate(window, {}, prompt(true)).tokens;
  ASSERT_FALSE(tokens.empty());
  EXPECT_GE(tokens[0], zero);
  int last = zero;
  size_t in_a_row = 0;
  for (const int token : tokens) {
    in_a_row = token >= zero ? in_a_row + 1 : 0;
    EXPECT_LE(in_a_row, 2u);
    EXPECT_NE(token, tokenizer().no_timestamps());
    if (token < zero) continue;
    EXPECT_LE(last, token);
    last = token;
  }
  EXPECT_GT(last, zero);
}

TEST_P(EngineContract, MaxInitialTimestamp) {
  auto late = std::vector<float>(4 * kSampleRate, 0.0f);
  const auto speech = recording("austen-0880.wav");
  late.insert(late.end(), speech.begin(), speech.end());
  const auto window = encode(late);
  const int zero = tokenizer().timestamp_begin();
  GenerateOptions options;
  options.max_new_tokens = 6;
  for (const int most : {0, 25, 50}) {
    options.max_initial_timestamp_index = most;
    EXPECT_LE(generate(window, options, prompt(true)).tokens.at(0), zero + most);
  }
  options.max_initial_timestamp_index = 1500;
  EXPECT_GT(generate(window, options, prompt(true)).tokens.at(0), zero + 50);
}

TEST_P(EngineContract, AlignsEachTokenInOrder) {
  const auto samples = recording("austen-0880.wav");
  const auto window = encode(samples);
  const std::vector<std::vector<int>> tokens = {generate(window).tokens};
  const std::vector<int> frames = {static_cast<int>(samples.size() / 160)};
  const auto alignment = engine().align({&window, 1}, prompt(), tokens, frames)[0];
  ASSERT_EQ(alignment.token_probabilities.size(), tokens[0].size());
  for (const float probability : alignment.token_probabilities) {
    EXPECT_GT(probability, 0);
    EXPECT_LE(probability, 1.0001f);
  }
  ASSERT_FALSE(alignment.path.empty());
  EXPECT_EQ(alignment.path.front().first, 0);
  EXPECT_EQ(alignment.path.back().first, static_cast<int>(tokens[0].size()));
  for (size_t i = 1; i < alignment.path.size(); ++i) {
    EXPECT_LE(alignment.path[i - 1].first, alignment.path[i].first);
    EXPECT_LE(alignment.path[i - 1].second, alignment.path[i].second);
    EXPECT_LT(alignment.path[i].second, frames[0] / 2);
  }
}

TEST_P(EngineContract, AlignsWindowsOfDifferentLengthTogether) {
  std::vector<EncodedPtr> windows;
  std::vector<std::vector<int>> tokens;
  std::vector<int> frames;
  for (const std::string name : {"austen-0880.wav", "austen-0890.wav"}) {
    windows.push_back(encode(recording(name)));
    tokens.push_back(generate(windows.back()).tokens);
    frames.push_back(static_cast<int>(recording(name).size() / 160));
  }
  const auto together = engine().align(windows, prompt(), tokens, frames);
  for (size_t i = 0; i < windows.size(); ++i) {
    const auto alone =
        engine().align({&windows[i], 1}, prompt(), {&tokens[i], 1}, {&frames[i], 1})[0];
    EXPECT_EQ(together[i].path, alone.path);
  }
}

TEST_P(EngineContract, NoTextAndNoAudioAlignToNothing) {
  const auto window = encode(recording("austen-0880.wav"));
  const std::vector<std::vector<int>> nothing = {{}};
  const std::vector<int> some = {299}, none = {0};
  const auto without_text = engine().align({&window, 1}, prompt(), nothing, some)[0];
  EXPECT_TRUE(without_text.token_probabilities.empty());
  const std::vector<std::vector<int>> word = {tokenizer().encode(" man")};
  EXPECT_EQ(engine().align({&window, 1}, prompt(), word, none).size(), 1u);
}

TEST_P(EngineContract, DetectsLanguages) {
  SpeechModel& base = model_of(GetParam(), "base");
  auto features = base.features().extract(recording("austen-0870.wav"));
  features = pad_or_trim(features, 3000);
  const auto window = base.engine().encode({&features, 1});
  const auto languages = base.engine().detect_language(window)[0];
  EXPECT_EQ(languages.size(), base.tokenizer().language_codes().size());
  double sum = 0;
  for (const auto& [token, probability] : languages) {
    EXPECT_TRUE(base.tokenizer().language_code(token));
    sum += probability;
  }
  EXPECT_NEAR(sum, 1, 1e-3);
  EXPECT_GT(languages.at(*base.tokenizer().language_token("en")), 0.9);
}

TEST_P(EngineContract, StopEndsASearch) {
  std::vector<EncodedPtr> windows(6, encode(conversation()));
  const std::vector<std::vector<int>> prompts(windows.size(), prompt());
  std::stop_source stop;
  stop.request_stop();
  const auto hypotheses = engine().generate(windows, prompts, {}, stop.get_token());
  ASSERT_EQ(hypotheses.size(), windows.size());
  // No step after the first one, which the prompt uses.
  for (const auto& hypothesis : hypotheses) EXPECT_LE(hypothesis.tokens.size(), 1u);
}

TEST_P(EngineContract, SeveralThreadsAtOnce) {
  const auto window = encode(recording("austen-0880.wav"));
  const auto expected = generate(window).tokens;
  std::vector<std::thread> threads;
  std::vector<int> same(4, 0);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto own = encode(recording("austen-0880.wav"));
      same[i] = generate(own).tokens == expected ? 1 : 0;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(same, Each(1));
}

TEST_P(EngineContract, RefusesWhatAnotherEngineEncoded) {
  struct Foreign : Encoded {};
  const EncodedPtr window = std::make_shared<Foreign>();
  EXPECT_THROW(generate(window), std::invalid_argument);
}

TEST_P(EngineContract, RefusesTokensThatDoNotExist) {
  const auto window = encode(recording("austen-0880.wav"));
  const std::vector<int> frames = {299};
  const std::vector<std::vector<int>> none = {{}};
  for (const int id : {-1, engine().info().vocabulary_size, 900000, -5000000}) {
    auto with_it = prompt();
    with_it.push_back(id);
    EXPECT_THROW(generate(window, {}, with_it), std::invalid_argument) << id;
    const std::vector<std::vector<int>> text = {{id}};
    EXPECT_THROW(engine().align({&window, 1}, prompt(), text, frames), std::invalid_argument) << id;
    EXPECT_THROW(engine().align({&window, 1}, with_it, none, frames), std::invalid_argument);
    // Suppressing ids that do not exist is valid.
    GenerateOptions options;
    options.max_new_tokens = 3;
    options.suppress_tokens = {id};
    EXPECT_EQ(generate(window, options).tokens.size(), 3u);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineContract, ::testing::ValuesIn(kKinds),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace steno::asr
