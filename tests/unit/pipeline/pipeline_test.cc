#include "pipeline/pipeline.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <future>
#include <latch>

#include "unit/pipeline/decode/recordings.h"
#include "unit/pipeline/scripted_pipeline.h"

namespace steno {
namespace {

using asr::SearchCall;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

/// The sentence at 1, 6, 10.5 and 18 s, with windows of one sentence.
TranscribeOptions sentence_windows() {
  TranscribeOptions options;
  options.language = "en";
  options.chunk_length = 6;
  return options;
}

TEST(Pipeline, ReportsSegmentsInOrderWithTheRecordingsTimes) {
  Scripted scripted;
  const auto transcript = scripted.transcribe(recorded(one(vad::recording())), sentence_windows());
  ASSERT_TRUE(transcript) << transcript.error().message;
  EXPECT_THAT(texts(transcript->segments), ElementsAre(" One.", " Two.", " Three.", " Four."));
  EXPECT_THAT(texts(scripted.sink.segments), ElementsAre(" One.", " Two.", " Three.", " Four."));
  const auto spans = vad::spans_of(vad::golden()["recording"]["spans"][1]);
  ASSERT_EQ(spans.size(), 4u);
  for (size_t i = 0; i < spans.size(); ++i) {
    EXPECT_EQ(transcript->segments[i].id, static_cast<int>(i));
    EXPECT_NEAR(transcript->segments[i].start, static_cast<double>(spans[i].start) / 16000, 1e-6);
    // Where its last word ends, within the speech.
    EXPECT_GT(transcript->segments[i].end, transcript->segments[i].start);
    EXPECT_LE(transcript->segments[i].end, static_cast<double>(spans[i].end) / 16000 + 1e-6);
    EXPECT_FALSE(transcript->segments[i].channel);
  }
  EXPECT_EQ(transcript->language, "en");
  EXPECT_EQ(transcript->language_probability, 1);
  EXPECT_NEAR(transcript->duration, 22.166, 0.001);
  double speech = 0;
  for (const auto& span : spans) speech += static_cast<double>(span.end - span.start) / 16000;
  EXPECT_NEAR(transcript->duration_after_vad, speech, 1e-6);
}

TEST(Pipeline, ReportsProgressThatOnlyGrowsUpToTheEnd) {
  Scripted scripted;
  ASSERT_TRUE(scripted.transcribe(recorded(one(vad::recording())), sentence_windows()));
  const auto& steps = scripted.sink.steps;
  ASSERT_GE(steps.size(), 5u);
  EXPECT_EQ(steps.front().done, 0);
  EXPECT_NEAR(steps.front().total.value(), 22.166, 0.001);
  for (size_t i = 1; i < steps.size(); ++i) EXPECT_GE(steps[i].done, steps[i - 1].done);
  EXPECT_NEAR(steps.back().done, 22.166, 0.001);
  EXPECT_NEAR(steps.back().total.value(), 22.166, 0.001);
  EXPECT_GT(steps.back().speed, 0);
}

TEST(Pipeline, SendsOnlySpeechToTheModel) {
  Scripted scripted;
  const auto silence = generated(1, 60, [](int, int64_t) { return 0.0f; });
  const auto transcript = scripted.transcribe(silence);
  ASSERT_TRUE(transcript);
  EXPECT_TRUE(transcript->segments.empty());
  EXPECT_TRUE(scripted.engine->encoded.empty());
  EXPECT_EQ(transcript->duration, 60);
  EXPECT_EQ(transcript->duration_after_vad, 0);
  EXPECT_EQ(transcript->language, "");
  EXPECT_EQ(transcript->language_probability, 0);
}

/// Seconds of speech, and the frames of each window that the model encoded.
std::pair<double, std::vector<int>> encoded_frames(const TranscribeOptions& options) {
  Scripted scripted;
  const auto transcript = scripted.transcribe(recorded(one(vad::recording())), options);
  return {transcript.value().duration_after_vad, scripted.engine->encoded};
}

TEST(Pipeline, GivesEachVoiceActivityOptionToTheDetector) {
  for (const Decoding decoding : {Decoding::batched, Decoding::sequential}) {
    TranscribeOptions options;
    options.language = "en";
    options.decoding = decoding;
    options.vad.speech_pad_ms = 0;  // otherwise short pauses count as speech for every cut
    const auto plain = encoded_frames(options);
    const auto changes = [&](auto change) {
      TranscribeOptions changed = options;
      change(changed.vad);
      return encoded_frames(changed) != plain;
    };
    SCOPED_TRACE(decoding == Decoding::batched ? "batched" : "sequential");
    EXPECT_TRUE(changes([](VadOptions& vad) { vad.threshold = 0.99; }));
    EXPECT_TRUE(changes([](VadOptions& vad) { vad.neg_threshold = 0.01; }));
    EXPECT_TRUE(changes([](VadOptions& vad) { vad.min_speech_duration_ms = 5000; }));
    EXPECT_TRUE(changes([](VadOptions& vad) { vad.max_speech_duration_s = 1.5; }));
    EXPECT_TRUE(changes([](VadOptions& vad) { vad.min_silence_duration_ms = 3000; }));
    EXPECT_TRUE(changes([](VadOptions& vad) { vad.speech_pad_ms = 100; }));
    EXPECT_FALSE(changes([](VadOptions&) {}));
  }
}

TEST(Pipeline, WithoutVadSendsAllInWindowsThatEndWhereItIsQuiet) {
  Scripted scripted;
  TranscribeOptions options;
  options.language = "en";
  options.vad_filter = false;
  options.chunk_length = 8;
  const auto transcript = scripted.transcribe(recorded(one(vad::recording())), options);
  ASSERT_TRUE(transcript);
  const auto& segments = transcript->segments;
  ASSERT_GE(segments.size(), 3u);
  for (size_t i = 0; i < segments.size(); ++i) {
    EXPECT_DOUBLE_EQ(segments[i].start, i == 0 ? 0 : segments[i - 1].end);
    EXPECT_LE(segments[i].end - segments[i].start, 8);
  }
  // After the last cut, behind the last sentence, all samples are zero.
  EXPECT_GT(segments.back().end, 21.3);
  EXPECT_NEAR(transcript->duration_after_vad, 22.166, 0.001);
  // Between two sentences where there is such a place.
  const auto spans = vad::spans_of(vad::golden()["recording"]["spans"][1]);
  EXPECT_LT(segments[0].end, 8);
  EXPECT_GT(segments[0].end, 5.6);
  for (const auto& span : spans) {
    const bool inside = static_cast<double>(span.start) / 16000 + 0.3 < segments[0].end &&
                        segments[0].end < static_cast<double>(span.end) / 16000 - 0.3;
    EXPECT_FALSE(inside) << segments[0].end;
  }
}

TEST(Pipeline, TranscribesOnlyTheClipsThatAreAskedFor) {
  Scripted scripted;
  TranscribeOptions options;
  options.language = "en";
  options.clip_timestamps = {2, 4.5, 12};
  const auto transcript = scripted.transcribe(recorded(one(vad::recording())), options);
  ASSERT_TRUE(transcript);
  ASSERT_EQ(transcript->segments.size(), 2u);
  EXPECT_DOUBLE_EQ(transcript->segments[0].start, 2);
  EXPECT_DOUBLE_EQ(transcript->segments[0].end, 4.5);
  EXPECT_DOUBLE_EQ(transcript->segments[1].start, 12);
  EXPECT_NEAR(transcript->segments[1].end, 22.166, 0.001);
}

TEST(Pipeline, FindsTheLanguageInAsManyStretchesAsAskedFor) {
  Scripted scripted;
  scripted.engine->languages = {{{scripted.language("de"), 0.3f}, {scripted.language("nl"), 0.2f}},
                                {{scripted.language("nl"), 0.4f}, {scripted.language("de"), 0.1f}},
                                {{scripted.language("en"), 0.9f}}};
  TranscribeOptions options = sentence_windows();
  options.language.reset();
  options.language_detection_segments = 2;
  const auto transcript = scripted.transcribe(recorded(one(vad::recording())), options);
  ASSERT_TRUE(transcript);
  EXPECT_EQ(transcript->language, "nl");
  EXPECT_NEAR(transcript->language_probability, 0.3, 1e-6);
  EXPECT_EQ(scripted.engine->languages_asked, 2u);
  for (const SearchCall& search : scripted.engine->searches) {
    EXPECT_THAT(search.prompt, testing::Contains(scripted.language("nl")));
  }
  EXPECT_EQ(transcript->segments.size(), 4u);
}

TEST(Pipeline, FindsTheLanguageOfARecordingWithLessSpeechThanAskedFor) {
  Scripted scripted;
  TranscribeOptions options;
  options.language_detection_segments = 5;
  const auto transcript = scripted.transcribe(recorded(one(vad::speech())), options);
  ASSERT_TRUE(transcript);
  EXPECT_EQ(transcript->language, "en");
  EXPECT_NEAR(transcript->language_probability, 0.9, 1e-6);
  EXPECT_EQ(transcript->segments.size(), 1u);
}

TEST(Pipeline, WithMultilingualTheLanguageOfMostSpeechIsTheRecordings) {
  Scripted scripted;
  const int de = scripted.language("de"), en = scripted.language("en");
  scripted.engine->languages = {{{de, 0.7f}}, {{en, 0.8f}}, {{en, 0.6f}}, {{en, 0.7f}}};
  TranscribeOptions options = sentence_windows();
  options.language.reset();
  options.multilingual = true;
  const auto transcript = scripted.transcribe(recorded(one(vad::recording())), options);
  ASSERT_TRUE(transcript);
  EXPECT_EQ(transcript->language, "en");
  EXPECT_NEAR(transcript->language_probability, 0.7, 0.03);
}

/// Channel 0 speaks first and third, channel 1 second.
std::vector<std::vector<float>> call_recording() {
  std::vector<std::vector<float>> channels(2, std::vector<float>(16000 * 20));
  const std::vector<float> clip = vad::speech();
  for (const auto& [channel, second] : {std::pair{0, 1}, {1, 7}, {0, 13}}) {
    std::copy(clip.begin(), clip.end(), channels[channel].begin() + second * 16000);
  }
  return channels;
}

std::vector<std::pair<int, int>> channels_and_seconds(const std::vector<Segment>& segments) {
  std::vector<std::pair<int, int>> all;
  for (const Segment& segment : segments) {
    all.emplace_back(segment.channel.value_or(-1), static_cast<int>(segment.start));
  }
  return all;
}

TEST(Pipeline, BringsChannelsIntoOneTimeOrder) {
  for (const Decoding decoding : {Decoding::batched, Decoding::sequential}) {
    Scripted scripted;
    TranscribeOptions options = sentence_windows();
    options.channels = Channels::split;
    options.decoding = decoding;
    const auto transcript = scripted.transcribe(recorded(call_recording()), options);
    ASSERT_TRUE(transcript) << transcript.error().message;
    ASSERT_GE(transcript->segments.size(), 3u);
    const auto found = channels_and_seconds(transcript->segments);
    EXPECT_EQ(found.front(), std::pair(0, 1));
    EXPECT_THAT(found, testing::Contains(std::pair(1, 7)));
    for (size_t i = 0; i < transcript->segments.size(); ++i) {
      EXPECT_EQ(transcript->segments[i].id, static_cast<int>(i));
      if (i > 0) {
        EXPECT_GE(transcript->segments[i].start, transcript->segments[i - 1].start);
      }
    }
    EXPECT_EQ(texts(scripted.sink.segments), texts(transcript->segments));
  }
}

TEST(Pipeline, SequentialDecodingConditionsEachWindowOnThePreviousText) {
  Scripted scripted;
  TranscribeOptions options;
  options.language = "en";
  options.decoding = Decoding::sequential;
  options.without_timestamps = true;
  options.chunk_length = 10;
  const auto transcript = scripted.transcribe(recorded(one(vad::recording())), options);
  ASSERT_TRUE(transcript) << transcript.error().message;
  EXPECT_THAT(texts(transcript->segments), ElementsAre(" One.", " Two."));
  const auto& searches = scripted.engine->searches;
  ASSERT_EQ(searches.size(), 2u);
  const std::vector<int> before = scripted.tokenizer().encode(" One.");
  EXPECT_NE(std::search(searches[1].prompt.begin(), searches[1].prompt.end(), before.begin(),
                        before.end()),
            searches[1].prompt.end());
  // 10 s of speech without the silence between end after 12.6 s of the recording.
  const auto spans = vad::spans_of(vad::golden()["recording"]["spans"][0]);
  EXPECT_NEAR(transcript->segments[0].start, static_cast<double>(spans[0].start) / 16000, 1e-6);
  const double left_out =
      static_cast<double>(spans[1].start - spans[0].end + spans[0].start) / 16000;
  EXPECT_NEAR(transcript->segments[1].start, 10 + left_out, 1e-6);
  EXPECT_NEAR(transcript->segments[1].end, static_cast<double>(spans[2].end) / 16000, 0.02);
}

TEST(Pipeline, RefusesALanguageThatTheModelDoesNotHave) {
  Scripted scripted;
  TranscribeOptions options;
  options.language = "yue";  // large-v3 only
  const auto transcript = scripted.transcribe(recorded(one(vad::speech())), options);
  ASSERT_FALSE(transcript);
  EXPECT_EQ(transcript.error().code, Errc::invalid_argument);
  EXPECT_THAT(transcript.error().message, HasSubstr("yue"));
}

TEST(Pipeline, SaysWhatAnEnglishOnlyModelDoesNotDo) {
  Scripted scripted({}, "tiny.en");
  TranscribeOptions options;
  options.language = "de";
  options.task = Task::translate;
  const auto transcript = scripted.transcribe(recorded(one(vad::speech())), options);
  ASSERT_TRUE(transcript);
  EXPECT_EQ(transcript->language, "en");
  EXPECT_THAT(transcript->warnings,
              testing::UnorderedElementsAre(HasSubstr("de"), HasSubstr("translated")));
}

TEST(Pipeline, RefusesOptionsThatMakeNoSense) {
  Scripted scripted;
  TranscribeOptions options;
  options.beam_size = 0;
  const auto transcript = scripted.transcribe(recorded(one(vad::speech())), options);
  ASSERT_FALSE(transcript);
  EXPECT_EQ(transcript.error().code, Errc::invalid_argument);
}

TEST(Pipeline, PassesOnWhatTheDecoderSays) {
  Scripted scripted;
  AudioInput damaged = recorded(one(vad::speech()));
  damaged.warnings = [] { return std::vector<std::string>{"readable up to 4 s"}; };
  const auto transcript = scripted.transcribe(std::move(damaged), sentence_windows());
  ASSERT_TRUE(transcript);
  EXPECT_THAT(transcript->warnings, ElementsAre("readable up to 4 s"));

  const auto missing = open_audio(decode::testing::sandboxed(),
                                  decode::Source::file("/nowhere/a.mp3"), 0, Channels::mix, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
}

TEST(Pipeline, FailsWhenReadingFails) {
  for (const Decoding decoding : {Decoding::batched, Decoding::sequential}) {
    Scripted scripted;
    AudioInput audio = recorded(one(vad::recording()));
    audio.read = [read = audio.read, blocks = 0](auto& block) mutable -> Result<bool> {
      if (++blocks == 30) return fail(Errc::io, "the disk is gone");
      return read(block);
    };
    TranscribeOptions options = sentence_windows();
    options.decoding = decoding;
    const auto transcript = scripted.transcribe(std::move(audio), options);
    ASSERT_FALSE(transcript);
    EXPECT_EQ(transcript.error().message, "the disk is gone");
  }
}

TEST(Pipeline, ThrowsWhatTheModelThrowsAndGoesOnWithOtherCalls) {
  for (const Decoding decoding : {Decoding::batched, Decoding::sequential}) {
    std::atomic<bool> broken = true;
    Scripted* scripted_ptr = nullptr;
    Scripted scripted([&](const SearchCall&) -> asr::Hypothesis {
      if (broken) throw std::runtime_error("out of memory");
      return scripted_ptr->say(" Yes.");
    });
    scripted_ptr = &scripted;
    TranscribeOptions options = sentence_windows();
    options.decoding = decoding;
    EXPECT_THROW(scripted.transcribe(recorded(one(vad::recording())), options), std::runtime_error);
    broken = false;
    const auto transcript = scripted.transcribe(recorded(one(vad::speech())), options);
    ASSERT_TRUE(transcript);
    EXPECT_THAT(texts(transcript->segments), ElementsAre(" Yes."));
  }
}

TEST(Pipeline, ThrowsWhatTheSinkThrows) {
  struct Full : Sink {
    void segment(const Segment&) override { throw std::runtime_error("disk full"); }
  } full;
  Scripted scripted;
  EXPECT_THROW(
      (void)scripted.pipeline.transcribe(recorded(one(vad::recording())), sentence_windows(), full),
      std::runtime_error);
}

TEST(Pipeline, EndsWithinASecondWhenItIsCancelled) {
  for (const Decoding decoding : {Decoding::batched, Decoding::sequential}) {
    std::latch in_model(1);
    std::latch gate(1);
    std::atomic<int> searches = 0;
    Scripted* scripted_ptr = nullptr;
    Scripted scripted([&](const SearchCall&) {
      if (++searches == 1) in_model.count_down();
      gate.wait();  // a search that cannot be stopped
      return scripted_ptr->say(" Never told.");
    });
    scripted_ptr = &scripted;
    TranscribeOptions options = sentence_windows();
    options.decoding = decoding;
    std::stop_source stop;
    auto call = std::async(std::launch::async, [&] {
      return scripted.pipeline.transcribe(recorded(one(vad::recording())), options, scripted.sink,
                                          stop.get_token());
    });
    in_model.wait();
    const auto begin = std::chrono::steady_clock::now();
    stop.request_stop();
    const auto transcript = call.get();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
    ASSERT_FALSE(transcript);
    EXPECT_EQ(transcript.error().code, Errc::cancelled);
    EXPECT_TRUE(scripted.sink.segments.empty());
    gate.count_down();
  }
}

TEST(Pipeline, DecodesAsManyWindowsTogetherAsBatchSizeSays) {
  const auto largest_batch = [](int batch_size) {
    Scripted scripted;
    auto options = sentence_windows();
    options.batch_size = batch_size;
    EXPECT_TRUE(scripted.transcribe(recorded(one(vad::recording())), options));
    return std::ranges::max(scripted.engine->batches);
  };
  EXPECT_EQ(largest_batch(1), 1u);
  // The number of waiting windows when the only replica becomes free is random.
  size_t largest = 0;
  for (int attempt = 0; attempt < 50 && largest < 2; ++attempt) largest = largest_batch(3);
  EXPECT_GE(largest, 2u);
  EXPECT_LE(largest, 3u);
}

TEST(Pipeline, LooksForNoLanguageOnceItIsCancelled) {
  std::atomic<int> asked = 0;
  std::stop_source stop;
  {
    Scripted scripted;
    scripted.engine->on_language = [&] {
      ++asked;
      stop.request_stop();
    };
    auto options = sentence_windows();
    options.language = std::nullopt;
    options.language_detection_threshold = std::nullopt;
    options.language_detection_segments = 4;
    const auto transcript = scripted.pipeline.transcribe(recorded(one(vad::recording())), options,
                                                         scripted.sink, stop.get_token());
    ASSERT_FALSE(transcript);
    EXPECT_EQ(transcript.error().code, Errc::cancelled);
  }
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace steno
