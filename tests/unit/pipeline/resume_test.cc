// An attempt after one that was killed: the same transcript, without the model's work again.

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "pipeline/asr/records.h"
#include "pipeline/stages.h"
#include "transcript/json.h"
#include "unit/pipeline/decode/recordings.h"
#include "unit/pipeline/diarize/real_networks.h"
#include "unit/pipeline/memory_checkpoints.h"
#include "unit/pipeline/scripted_pipeline.h"

namespace steno {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Not;

/// To the last bit.
std::string exact(const Transcript& transcript) {
  ByteWriter out;
  asr::write_segments(out, transcript.segments);
  for (const Segment& segment : transcript.segments) {
    out.number(segment.id).number(segment.channel.value_or(-1)).text(segment.speaker);
    for (const Word& word : segment.words) out.text(word.speaker);
  }
  out.text(transcript.language).number(transcript.language_probability);
  out.number(transcript.duration).number(transcript.duration_after_vad);
  return out.bytes();
}

/// An engine whose answer depends on the window and the text before it, not on their order.
asr::Hypothesis answer(const asr::Tokenizer& tokenizer, const asr::SearchCall& search) {
  const size_t words = search.prompt.size() + static_cast<size_t>(search.frames);
  const std::string text = " Window " + std::to_string(words) + ".";
  return {tokenizer.encode(text), -0.25F - static_cast<float>(words % 7) / 100, 0};
}

struct Way {
  std::string name;
  TranscribeOptions options;
  int channels = 1;
};

std::vector<Way> ways() {
  TranscribeOptions batched;
  batched.chunk_length = 4;
  batched.word_timestamps = true;
  TranscribeOptions sequential = batched;
  sequential.decoding = Decoding::sequential;
  TranscribeOptions split = batched;
  split.channels = Channels::split;
  TranscribeOptions sequential_split = sequential;
  sequential_split.channels = Channels::split;
  TranscribeOptions clips = batched;
  clips.clip_timestamps = {1, 7, 9, 20, 22, 27.5};
  TranscribeOptions sequential_clips = clips;
  sequential_clips.decoding = Decoding::sequential;
  TranscribeOptions multilingual = batched;
  multilingual.multilingual = true;
  TranscribeOptions sequential_multilingual = sequential;
  sequential_multilingual.multilingual = true;
  TranscribeOptions skips = sequential;
  skips.hallucination_silence_threshold = 1;
  return {{"batched", batched},
          {"sequential", sequential},
          {"batched channels", split, 2},
          {"sequential channels", sequential_split, 2},
          {"batched clips", clips},
          {"sequential clips", sequential_clips},
          {"batched, a language each", multilingual},
          {"sequential, a language each", sequential_multilingual},
          {"sequential without hallucinations", skips}};
}

/// One attempt: the transcript, what was reported, and how much the model had to do.
struct ScriptedAttempt {
  ScriptedAttempt(const Way& way, const std::shared_ptr<MemoryLog>& log)
      : scripted([this](const asr::SearchCall& search) {
          return answer(scripted.tokenizer(), search);
        }) {
    auto samples = asr::recording("telephone.wav");
    std::vector<std::vector<float>> channels(static_cast<size_t>(way.channels), samples);
    if (way.channels > 1) std::ranges::reverse(channels.back());
    const auto made = scripted.pipeline.transcribe(recorded(std::move(channels)), way.options,
                                                   scripted.sink, {}, log);
    EXPECT_TRUE(made);
    if (made) transcript = *made;
  }
  Scripted scripted;
  Transcript transcript;
};

TEST(Resume, AfterEachRecordGivesTheSameTranscript) {
  for (const Way& way : ways()) {
    const auto whole = std::make_shared<MemoryLog>();
    const ScriptedAttempt unbroken(way, whole);
    ASSERT_THAT(unbroken.transcript.segments, Not(IsEmpty())) << way.name;
    const size_t records = whole->records.size();
    for (size_t count = 0; count <= records; count += 1 + records / 6) {
      const auto rest = std::make_shared<MemoryLog>(*whole, count);
      rest->at_risk = count % 2 == 1;
      const ScriptedAttempt resumed(way, rest);
      EXPECT_EQ(exact(resumed.transcript), exact(unbroken.transcript)) << way.name << count;
      EXPECT_EQ(texts(resumed.scripted.sink.segments), texts(unbroken.transcript.segments));
      EXPECT_EQ(rest->taken, count) << way.name;
      EXPECT_EQ(rest->records.size(), records - count) << way.name;
    }
  }
}

TEST(Resume, OfAllThatIsDoneAsksTheModelForNothing) {
  for (const Way& way : ways()) {
    const auto whole = std::make_shared<MemoryLog>();
    const ScriptedAttempt unbroken(way, whole);
    const ScriptedAttempt resumed(way, std::make_shared<MemoryLog>(*whole, whole->records.size()));
    EXPECT_EQ(exact(resumed.transcript), exact(unbroken.transcript)) << way.name;
    EXPECT_THAT(resumed.scripted.engine->encoded, IsEmpty()) << way.name;
    EXPECT_THAT(resumed.scripted.engine->searches, IsEmpty()) << way.name;
  }
}

TEST(Resume, UsesNoRecordOfAnotherRecording) {
  const auto log = std::make_shared<MemoryLog>();
  const Way way = ways().front();
  const ScriptedAttempt first(way, log);
  Scripted other(
      [&other](const asr::SearchCall& search) { return answer(other.tokenizer(), search); });
  auto samples = asr::recording("telephone.wav");
  for (float& sample : samples) sample *= 0.9F;
  const auto again = std::make_shared<MemoryLog>(*log, log->records.size());
  ASSERT_TRUE(
      other.pipeline.transcribe(recorded(one(samples)), way.options, other.sink, {}, again));
  EXPECT_EQ(again->taken, 0u);
}

TEST(Resume, IgnoresRecordsThatCannotBeRead) {
  std::mt19937 random(7);
  for (const Way& way : ways()) {
    const auto whole = std::make_shared<MemoryLog>();
    const ScriptedAttempt unbroken(way, whole);
    MemoryLog cut;
    for (auto [key, result] : whole->records) {
      result.resize(random() % result.size());
      cut.records.emplace_back(key, result);
    }
    const ScriptedAttempt resumed(way, std::make_shared<MemoryLog>(cut, cut.records.size()));
    EXPECT_EQ(exact(resumed.transcript), exact(unbroken.transcript)) << way.name;
  }
}

/// Records come from storage of the service, behind a checksum; still nothing may be read or
/// written beyond them.
TEST(Resume, SurvivesRecordsWithAnyBytes) {
  std::mt19937 random(3);
  asr::WindowResult result;
  result.segments.resize(2);
  result.segments[0].words.resize(3);
  result.segments[1].tokens = {1, 2, 3};
  result.language = "en";
  const std::string good = asr::to_bytes(result);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (int flips = 0; flips < 3; ++flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    (void)asr::window_result_from(bytes);
  }
}

/// A recording with the real models.
struct RealJob {
  explicit RealJob(TranscribeOptions wanted) : options(std::move(wanted)) {}

  Result<Transcript> transcribe(std::stop_token stop) {
    static const auto pipeline = std::make_shared<Pipeline>(
        std::shared_ptr<asr::SpeechModel>(&asr::real_model("tiny.en"), [](auto*) {}),
        vad::silero());
    const Recognizers recognizers{[] { return Result<std::shared_ptr<Pipeline>>(pipeline); },
                                  []() -> Result<std::shared_ptr<const diarize::Networks>> {
                                    return diarize::real_networks();
                                  },
                                  decode::testing::sandboxed()};
    const auto open = []() -> Result<AudioInput> {
      return recorded(one(asr::recording("telephone.wav")));
    };
    sink = {};
    return steno::transcribe(open, options, recognizers, outputs, sink, std::move(stop));
  }

  TranscribeOptions options;
  MemoryOutputs outputs;
  Collector sink;
};

void stop_at_random_moments(const TranscribeOptions& options) {
  RealJob unbroken(options);
  const auto begin = std::chrono::steady_clock::now();
  const auto whole = unbroken.transcribe({});
  ASSERT_TRUE(whole) << whole.error().message;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  EXPECT_THAT(unbroken.outputs.parts.all, IsEmpty());

  std::mt19937 random(11);
  RealJob job(options);
  int stopped = 0;
  while (true) {
    std::stop_source stop;
    const auto wait = took * (static_cast<double>(random() % 1000) / 1000 / 3);
    std::jthread timer([&](const std::stop_token& done) {
      const auto end = std::chrono::steady_clock::now() + wait;
      while (!done.stop_requested() && std::chrono::steady_clock::now() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      if (stopped < 12) stop.request_stop();
    });
    const auto transcript = job.transcribe(stop.get_token());
    timer.request_stop();
    timer.join();
    if (transcript) {
      EXPECT_EQ(exact(*transcript), exact(*whole));
      EXPECT_EQ(transcript->turns.size(), whole->turns.size());
      EXPECT_EQ(texts(job.sink.segments), texts(unbroken.sink.segments));
      break;
    }
    EXPECT_EQ(transcript.error().code, Errc::cancelled);
    ++stopped;
  }
  EXPECT_GT(stopped, 0);
  EXPECT_THAT(job.outputs.parts.all, IsEmpty());
}

TranscribeOptions real_options() {
  TranscribeOptions options;
  options.chunk_length = 5;
  options.word_timestamps = true;
  return options;
}

TEST(Resume, OfTheRealModelStoppedAtRandomMoments) { stop_at_random_moments(real_options()); }

TEST(Resume, OfTheRealModelInSequenceStoppedAtRandomMoments) {
  TranscribeOptions options = real_options();
  options.decoding = Decoding::sequential;
  stop_at_random_moments(options);
}

TEST(Resume, OfTheRealModelWithSpeakersStoppedAtRandomMoments) {
  TranscribeOptions options = real_options();
  options.speakers.diarize = true;
  stop_at_random_moments(options);
}

TEST(Resume, KeepsNoTextThatIsToBeRedacted) {
  TranscribeOptions options = real_options();
  options.speakers.diarize = true;
  options.post.redact = {Redaction::card};
  RealJob job(options);
  struct StopAtTheEnd : Sink {
    void segment(const Segment&) override {}
    void progress(const Progress& now) override {
      if (now.total && now.done > *now.total / 2) stop.request_stop();
    }
    std::stop_source stop;
  } sink;
  const auto open = []() -> Result<AudioInput> {
    return recorded(one(asr::recording("telephone.wav")));
  };
  const auto pipeline = std::make_shared<Pipeline>(
      std::shared_ptr<asr::SpeechModel>(&asr::real_model("tiny.en"), [](auto*) {}), vad::silero());
  const Recognizers recognizers{
      [&] { return Result<std::shared_ptr<Pipeline>>(pipeline); },
      []() -> Result<std::shared_ptr<const diarize::Networks>> { return diarize::real_networks(); },
      decode::testing::sandboxed()};
  const auto stopped =
      transcribe(open, options, recognizers, job.outputs, sink, sink.stop.get_token());
  ASSERT_FALSE(stopped);
  EXPECT_THAT(job.outputs.parts.parts("words"), IsEmpty());
  EXPECT_THAT(job.outputs.parts.parts("voices"), Not(IsEmpty()));
}

}  // namespace
}  // namespace steno
