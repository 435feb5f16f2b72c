#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <future>
#include <latch>
#include <thread>

#include "unit/pipeline/scripted_pipeline.h"

namespace steno {
namespace {

using namespace std::chrono_literals;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TranscribeOptions sequential() {
  TranscribeOptions options;
  options.language = "en";
  options.decoding = Decoding::sequential;
  return options;
}

AudioInput noise(double seconds) {
  return generated(1, seconds,
                   [](int, int64_t i) { return static_cast<float>(i % 7) / 70 - 0.04f; });
}

TEST(Sequential, ReadsToTheEndWhenTheLastClipIsDone) {
  Scripted scripted;
  TranscribeOptions options = sequential();
  options.clip_timestamps = {0, 5};
  const auto transcript = scripted.transcribe(noise(300), options);
  ASSERT_TRUE(transcript);
  EXPECT_THAT(texts(transcript->segments), ElementsAre(" One."));
  EXPECT_DOUBLE_EQ(transcript->duration, 300);
  EXPECT_DOUBLE_EQ(transcript->duration_after_vad, 5);
}

TEST(Sequential, TranscribesOnlyTheClipsThatAreAskedFor) {
  Scripted scripted;
  TranscribeOptions options = sequential();
  options.clip_timestamps = {5, 10, 10, 12.5, 150, 152.25, 190, 500};
  const auto transcript = scripted.transcribe(noise(200), options);
  ASSERT_TRUE(transcript);
  std::vector<std::pair<double, double>> times;
  for (const Segment& segment : transcript->segments) {
    times.emplace_back(segment.start, segment.end);
  }
  EXPECT_THAT(times, ElementsAre(std::pair(5., 10.), std::pair(10., 12.5), std::pair(150., 152.25),
                                 std::pair(190., 200.)));
}

TEST(Sequential, ClipsAfterTheEndAreEmpty) {
  Scripted scripted;
  TranscribeOptions options = sequential();
  options.clip_timestamps = {100, 200};
  const auto transcript = scripted.transcribe(noise(20), options);
  ASSERT_TRUE(transcript);
  EXPECT_TRUE(transcript->segments.empty());
}

/// The engine detects the language of a window. Only the length of the window is known.
TEST(Sequential, FindsTheLanguageInTheFirstClip) {
  for (const Decoding decoding : {Decoding::batched, Decoding::sequential}) {
    Scripted scripted;
    TranscribeOptions options;
    options.decoding = decoding;
    options.clip_timestamps = {41, 45};
    const auto transcript = scripted.transcribe(noise(60), options);
    ASSERT_TRUE(transcript);
    EXPECT_EQ(transcript->language, "en");
    // 4 s of audio and the silence behind it.
    EXPECT_THAT(scripted.engine->encoded, Each(1200));
  }
}

TEST(Sequential, WithMultilingualTheLanguageOfMostSpeechIsTheRecordings) {
  Scripted scripted;
  const int de = scripted.language("de"), en = scripted.language("en");
  // Of the stretches between quiet places. The change ends the first window.
  scripted.engine->languages = {{{en, 0.9f}}, {{en, 0.9f}}, {{en, 0.9f}}, {{de, 0.6f}}};
  TranscribeOptions options = sequential();
  options.language.reset();
  options.multilingual = true;
  options.vad_filter = false;
  options.without_timestamps = true;
  const auto transcript = scripted.transcribe(noise(95), options);
  ASSERT_TRUE(transcript);
  EXPECT_EQ(transcript->segments.size(), 4u);
  EXPECT_EQ(transcript->language, "de");
  EXPECT_NEAR(transcript->language_probability, 0.6, 1e-6);
}

TEST(Sequential, WithoutVadTheModelGetsTheSilenceToo) {
  Scripted scripted;
  TranscribeOptions options = sequential();
  EXPECT_NEAR(scripted.transcribe(recorded(one(vad::recording())), options)->duration_after_vad, 17,
              2);
  EXPECT_THAT(scripted.engine->encoded, Not(Each(3000)));
  scripted.engine->encoded.clear();
  options.vad_filter = false;
  const auto transcript = scripted.transcribe(recorded(one(vad::recording())), options);
  ASSERT_TRUE(transcript);
  EXPECT_THAT(scripted.engine->encoded, ElementsAre(3000));
  EXPECT_DOUBLE_EQ(transcript->segments.at(0).start, 0);
  EXPECT_NEAR(transcript->segments.at(0).end, 22.166, 0.001);
  EXPECT_NEAR(transcript->duration_after_vad, 22.166, 0.001);
}

/// A recording that stalls after `seconds` until the gate opens.
AudioInput stalled(double seconds, std::shared_ptr<std::latch> arrived,
                   std::shared_ptr<std::latch> gate) {
  AudioInput audio = noise(seconds + 10);
  audio.read = [=, read = audio.read, at = 0.0](auto& block) mutable {
    if (at == seconds) {
      arrived->count_down();
      gate->wait();
    }
    at += 0.5;
    return read(block);
  };
  return audio;
}

TEST(Sequential, ACallThatWaitsForAudioKeepsNoReplica) {
  for (const std::vector<double>& clips : {std::vector<double>{}, {0, 5, 18, 40}, {100, 110}}) {
    Scripted scripted;
    const auto arrived = std::make_shared<std::latch>(1), gate = std::make_shared<std::latch>(1);
    TranscribeOptions options = sequential();
    options.vad_filter = false;
    options.clip_timestamps = clips;
    Collector other;
    auto slow = std::async(std::launch::async, [&] {
      return scripted.pipeline.transcribe(stalled(20, arrived, gate), options, other);
    });
    arrived->wait();
    std::this_thread::sleep_for(50ms);  // so that decoding has started
    auto quick =
        std::async(std::launch::async, [&] { return scripted.transcribe(noise(5), sequential()); });
    EXPECT_EQ(quick.wait_for(10s), std::future_status::ready);
    gate->count_down();
    EXPECT_TRUE(quick.get());
    EXPECT_TRUE(slow.get());
  }
}

/// Speech at these seconds.
std::vector<float> speech_at(const std::vector<double>& seconds, double length) {
  std::vector<float> samples(static_cast<size_t>(length * 16000));
  const std::vector<float> clip = vad::speech();
  for (const double second : seconds) {
    std::copy(clip.begin(), clip.end(), samples.begin() + std::lround(second * 16000));
  }
  return samples;
}

TEST(Sequential, NoWindowSpansAVeryLongPause) {
  Scripted scripted;
  const auto audio = speech_at({1, 15, 45}, 50);
  const auto transcript = scripted.transcribe(recorded(one(audio)), sequential());
  ASSERT_TRUE(transcript);
  EXPECT_THAT(texts(transcript->segments), ElementsAre(" One.", " Two."));
  EXPECT_NEAR(transcript->segments[0].end, 19, 0.5);
  EXPECT_NEAR(transcript->segments[1].start, 45, 0.5);
}

/// Records how much had been read when the first segment was reported.
struct FirstTold : Collector {
  void segment(const Segment& segment) override {
    if (segments.empty()) blocks_before = blocks;
    Collector::segment(segment);
  }
  std::atomic<int> blocks = 0;  // of half a second
  int blocks_before = 0;
};

TEST(Sequential, AChannelThatFellSilentDoesNotHoldUpTheOther) {
  constexpr double kLength = 240;
  std::vector<double> all;
  for (double second = 2; second < kLength - 5; second += 5) all.push_back(second);
  AudioInput audio = recorded({speech_at({1}, kLength), speech_at(all, kLength)});
  FirstTold sink;
  audio.read = [&sink, read = audio.read](auto& block) mutable {
    ++sink.blocks;
    return read(block);
  };
  Scripted scripted;
  TranscribeOptions options = sequential();
  options.channels = Channels::split;
  ASSERT_TRUE(scripted.pipeline.transcribe(std::move(audio), options, sink));
  EXPECT_EQ(sink.segments.at(0).channel, 0);
  // The most that is read ahead of the first windows.
  EXPECT_LT(sink.blocks_before, 2 * 160);
}

/// The words of a recording by a real model.
std::string transcribed(const std::string& name, const TranscribeOptions& options) {
  // The model lives as long as the test program.
  const std::shared_ptr<asr::SpeechModel> model(&asr::real_model("base"), [](auto*) {});
  Pipeline pipeline(model, vad::silero());
  Collector sink;
  const auto transcript = pipeline.transcribe(recorded(one(asr::recording(name))), options, sink);
  return transcript ? transcript->text() : transcript.error().message;
}

/// The engine puts improbable words after 10 s of silence.
TEST(Sequential, HallucinationSilenceThresholdDropsWordsBehindLongSilence) {
  const auto texts_with = [](std::optional<double> threshold) {
    Scripted* self = nullptr;
    int windows = 0;
    Scripted scripted([&](const asr::SearchCall&) {
      return self->say(++windows == 1 ? " Thank you." : " Real words.");
    });
    self = &scripted;
    scripted.engine->alignment = [](int tokens, int) {
      asr::Alignment alignment;
      for (int token = 0; token <= tokens; ++token) {
        alignment.path.emplace_back(token, 500 + 20 * token);
      }
      alignment.token_probabilities.assign(static_cast<size_t>(tokens), 0.05f);
      return alignment;
    };
    TranscribeOptions options = sequential();
    options.vad_filter = false;
    options.word_timestamps = true;
    options.hallucination_silence_threshold = threshold;
    const auto transcript = scripted.transcribe(noise(40), options);
    return transcript ? texts(transcript->segments) : std::vector{transcript.error().message};
  };
  EXPECT_THAT(texts_with({}), testing::Contains(" Thank you."));
  EXPECT_THAT(texts_with(2), Not(testing::Contains(" Thank you.")));
  EXPECT_THAT(texts_with(25), testing::Contains(" Thank you."));
}

TEST(Sequential, ClipTimestampsChooseTheWords) {
  TranscribeOptions options = sequential();
  options.clip_timestamps = {14.3, 17.6};
  const std::string text = transcribed("telephone.wav", options);
  EXPECT_THAT(text, HasSubstr("Sheila"));
  EXPECT_THAT(text, HasSubstr("Chicago"));
  EXPECT_THAT(text, Not(HasSubstr("Yankee")));
}

}  // namespace
}  // namespace steno
