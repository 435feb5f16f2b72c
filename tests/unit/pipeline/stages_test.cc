#include "pipeline/stages.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <map>

#include "base/base64.h"
#include "unit/pipeline/decode/recordings.h"
#include "unit/pipeline/diarize/real_networks.h"
#include "unit/pipeline/memory_checkpoints.h"
#include "unit/pipeline/scripted_pipeline.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::UnorderedElementsAre;

struct StageCollector : Collector {
  void enter(Stage stage) override { entered.emplace_back(to_string(stage)); }
  std::vector<std::string> entered;
};

Error no_networks() { return {Errc::bad_model, "the models cannot be loaded"}; }

/// A telephone call of two speakers, 30 s, with scripted words, one window after the other.
struct Call {
  explicit Call(asr::ScriptedEngine::Answer answer = {}) : scripted(std::move(answer)) {
    options.language = "en";
    options.chunk_length = 6;
    options.speakers.diarize = true;
  }

  Result<Transcript> transcribe(std::stop_token stop = {}) {
    const Recognizers recognizers{
        [this] {
          ++asked_for_speech;
          return Result<std::shared_ptr<Pipeline>>(
              std::shared_ptr<Pipeline>(&scripted.pipeline, [](auto*) {}));
        },
        [this]() -> Result<std::shared_ptr<const diarize::Networks>> {
          if (!has_networks) return tl::unexpected(no_networks());
          return diarize::real_networks();
        },
        decode::testing::sandboxed()};
    const auto open = [this]() -> Result<AudioInput> {
      if (!has_audio) return fail(Errc::not_found, "the audio is gone");
      return recorded(one(asr::recording("telephone.wav")));
    };
    return steno::transcribe(open, options, recognizers, stages, sink, std::move(stop));
  }

  Scripted scripted;
  TranscribeOptions options;
  MemoryOutputs stages;
  StageCollector sink;
  bool has_networks = true;
  bool has_audio = true;
  int asked_for_speech = 0;
};

TEST(StageOutputs, GiveEachWordItsSpeaker) {
  Call call;
  const auto transcript = call.transcribe();
  ASSERT_TRUE(transcript) << transcript.error().message;
  EXPECT_THAT(transcript->warnings, IsEmpty());
  ASSERT_EQ(transcript->speakers.size(), 2u);
  EXPECT_EQ(transcript->speakers[0].name, "SPEAKER_00");
  EXPECT_GT(transcript->speakers[0].seconds, 8);
  EXPECT_GT(transcript->turns.size(), 5u);
  ASSERT_FALSE(transcript->segments.empty());
  for (const Segment& segment : transcript->segments) {
    EXPECT_FALSE(segment.speaker.empty());
    ASSERT_FALSE(segment.words.empty());
    for (const Word& word : segment.words) EXPECT_EQ(word.speaker, segment.speaker);
  }
  EXPECT_THAT(call.sink.entered, ElementsAre("diarizing"));
  EXPECT_THAT(call.stages.kept, UnorderedElementsAre(Key("words"), Key("voices")));
}

TEST(StageOutputs, AreNotDoneTwice) {
  Call call;
  const auto first = call.transcribe();
  ASSERT_TRUE(first);
  call.has_audio = call.has_networks = false;
  call.sink = {};
  const auto second = call.transcribe();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(call.asked_for_speech, 1);
  EXPECT_EQ(texts(second->segments), texts(first->segments));
  EXPECT_EQ(second->turns.size(), first->turns.size());
  EXPECT_FALSE(call.sink.segments.empty());
  EXPECT_EQ(call.sink.steps.back().done, 30);
}

TEST(StageOutputs, ResumeAtTheOneThatIsMissing) {
  Call call;
  const auto first = call.transcribe();
  ASSERT_TRUE(first);
  call.stages.kept.erase("voices");
  const auto without_voices = call.transcribe();
  ASSERT_TRUE(without_voices) << without_voices.error().message;
  EXPECT_EQ(call.asked_for_speech, 1);
  EXPECT_EQ(without_voices->turns.size(), first->turns.size());

  call.stages.kept.erase("words");
  call.scripted.windows = 0;
  call.has_networks = false;
  const auto without_words = call.transcribe();
  ASSERT_TRUE(without_words) << without_words.error().message;
  EXPECT_EQ(call.asked_for_speech, 2);
  EXPECT_EQ(without_words->turns.size(), first->turns.size());
}

TEST(StageOutputs, AreDoneAnewWhereTheyCannotBeRead) {
  Call call;
  ASSERT_TRUE(call.transcribe());
  for (auto& [name, content] : call.stages.kept) content = "{damaged";
  const auto again = call.transcribe();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(call.asked_for_speech, 2);
  EXPECT_EQ(again->speakers.size(), 2u);
}

TEST(StageOutputs, AreReusedWithOtherOptions) {
  Call call;
  call.options.speakers.diarize = false;
  call.options.word_timestamps = true;
  const auto plain = call.transcribe();
  ASSERT_TRUE(plain);
  EXPECT_THAT(plain->speakers, IsEmpty());
  EXPECT_THAT(call.stages.kept, UnorderedElementsAre(Key("words")));

  call.options.speakers.diarize = true;
  call.options.speakers.num_speakers = 1;
  call.options.post.paragraphs = true;
  call.sink = {};
  const auto again = call.transcribe();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->speakers.size(), 1u);
  EXPECT_FALSE(again->paragraphs.empty());
  EXPECT_EQ(call.asked_for_speech, 1);
  EXPECT_THAT(call.sink.entered, ElementsAre("diarizing", "postprocessing"));
}

TEST(StageOutputs, TranscribeAgainIfWordTimesAreMissing) {
  Call call;
  call.options.speakers.diarize = false;
  ASSERT_TRUE(call.transcribe());
  const TranscribeOptions before = call.options;
  call.options.speakers.diarize = true;
  call.scripted.windows = 0;
  const auto again = call.transcribe();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(call.asked_for_speech, 2);
  EXPECT_EQ(again->speakers.size(), 2u);
  const auto has_all = [](std::string_view) { return true; };
  EXPECT_TRUE(needs_audio(call.options, before, has_all));
}

TEST(StageOutputs, NeedTheRecordingForWhatIsNotThere) {
  const auto has = [](std::vector<std::string> kept) {
    return [kept = std::move(kept)](std::string_view stage) {
      return std::ranges::count(kept, stage) > 0;
    };
  };
  TranscribeOptions plain;
  plain.word_timestamps = true;
  EXPECT_TRUE(needs_audio(plain, plain, has({})));
  EXPECT_FALSE(needs_audio(plain, plain, has({"words"})));
  TranscribeOptions diarized = plain;
  diarized.speakers.diarize = true;
  EXPECT_TRUE(needs_audio(diarized, plain, has({"words"})));
  EXPECT_FALSE(needs_audio(diarized, plain, has({"words", "voices"})));
  diarized.channels = Channels::split;
  EXPECT_FALSE(needs_audio(diarized, diarized, has({"words"})));
}

TEST(StageOutputs, WarnOfSpeakersThatAreNotFound) {
  Call call;
  call.has_networks = false;
  const auto transcript = call.transcribe();
  ASSERT_TRUE(transcript) << transcript.error().message;
  EXPECT_FALSE(transcript->segments.empty());
  EXPECT_THAT(transcript->speakers, IsEmpty());
  EXPECT_THAT(transcript->warnings, ElementsAre(HasSubstr("the speakers cannot be found")));

  call.options.speakers.require = {OptionalStage::diarize};
  const auto required = call.transcribe();
  ASSERT_FALSE(required);
  EXPECT_THAT(required.error().message, HasSubstr("the speakers cannot be found"));
}

/// A part of the call in seconds, as the reference recording of a speaker.
std::string clip(double start, double end) {
  const auto samples = asr::recording("telephone.wav");
  std::vector<std::int16_t> pcm;
  for (auto i = static_cast<size_t>(16000 * start); i < static_cast<size_t>(16000 * end); ++i) {
    pcm.push_back(static_cast<std::int16_t>(std::lround(32767 * samples.at(i))));
  }
  std::ifstream file(decode::testing::write_wav("clip.wav", pcm, 1, 16000), std::ios::binary);
  return encode_base64(std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(StageOutputs, NameKnownSpeakers) {
  Call call;
  // Sheila speaks second.
  call.options.speakers.known_speakers = {{"Sheila", clip(24.06, 28.42)}};
  const auto transcript = call.transcribe();
  ASSERT_TRUE(transcript) << transcript.error().message;
  EXPECT_THAT(transcript->warnings, IsEmpty());
  ASSERT_EQ(transcript->speakers.size(), 2u);
  EXPECT_EQ(transcript->speakers[0].name, "SPEAKER_00");
  EXPECT_EQ(transcript->speakers[1].name, "Sheila");

  call.options.speakers.known_speakers.push_back({"Diane", clip(10.78, 14.18)});
  const auto both = call.transcribe();
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_EQ(both->speakers[0].name, "Diane");
  EXPECT_EQ(both->speakers[1].name, "Sheila");
  EXPECT_EQ(call.asked_for_speech, 1);
}

TEST(StageOutputs, WarnOfReferencesThatAreNone) {
  const std::pair<std::string, const char*> cases[] = {
      {encode_base64("no audio at all"), "Ann"},
      {clip(24, 25.5), "must be 2 to 10 s long"},
      {clip(10, 24), "must be 2 to 10 s long"},
      {clip(0, 4), "no voice is alone for 0.4 s"},
  };
  Call call;
  for (const auto& [audio, message] : cases) {
    call.options.speakers.known_speakers = {{"Ann", audio}};
    call.options.speakers.require = {};
    const auto transcript = call.transcribe();
    ASSERT_TRUE(transcript) << transcript.error().message;
    EXPECT_THAT(transcript->warnings, ElementsAre(HasSubstr(message)));
    EXPECT_EQ(transcript->speakers.size(), 2u);
    call.options.speakers.require = {OptionalStage::diarize};
    const auto required = call.transcribe();
    ASSERT_FALSE(required);
    EXPECT_EQ(required.error().code, Errc::invalid_argument);
    EXPECT_THAT(required.error().message, HasSubstr("known_speakers: of Ann: "));
  }
}

TEST(StageOutputs, TakeChannelsForSpeakersWithoutANetwork) {
  Call call;
  call.has_networks = false;
  call.options.channels = Channels::split;
  const Recognizers recognizers{
      [&] {
        return Result<std::shared_ptr<Pipeline>>(
            std::shared_ptr<Pipeline>(&call.scripted.pipeline, [](auto*) {}));
      },
      [] {
        return Result<std::shared_ptr<const diarize::Networks>>(tl::unexpected(no_networks()));
      },
      decode::testing::sandboxed()};
  const auto open = []() -> Result<AudioInput> {
    const auto samples = vad::recording();
    return recorded({samples, samples});
  };
  const auto transcript = transcribe(open, call.options, recognizers, call.stages, call.sink, {});
  ASSERT_TRUE(transcript) << transcript.error().message;
  ASSERT_EQ(transcript->speakers.size(), 2u);
  EXPECT_EQ(transcript->speakers[1].name, "SPEAKER_01");
  EXPECT_THAT(transcript->warnings, IsEmpty());
}

TEST(StageOutputs, KeepAndReportNoUnredactedText) {
  Call* all = nullptr;
  std::vector<std::string> seen;
  Call call([&](const asr::SearchCall&) {
    for (const Segment& segment : all->sink.segments) seen.push_back(segment.text);
    static const std::vector<std::string> kWords = {" My card", " 4111 1111", " 1111 1111.",
                                                    " Bye."};
    return all->scripted.say(kWords[std::min(all->scripted.windows++, kWords.size() - 1)]);
  });
  all = &call;
  call.options.post.redact = {Redaction::card};
  const auto transcript = call.transcribe();
  ASSERT_TRUE(transcript) << transcript.error().message;
  EXPECT_THAT(seen, IsEmpty());
  EXPECT_THAT(call.stages.kept, UnorderedElementsAre(Key("voices")));
  EXPECT_EQ(texts(call.sink.segments), texts(transcript->segments));
  EXPECT_THAT(transcript->text(), HasSubstr("[CARD]"));
  EXPECT_THAT(transcript->text(), testing::Not(HasSubstr("1111")));
  for (const Segment& segment : transcript->segments) EXPECT_TRUE(segment.tokens.empty());

  call.sink = {};
  call.scripted.windows = 0;
  ASSERT_TRUE(call.transcribe());  // transcribes the words again
  EXPECT_EQ(call.asked_for_speech, 2);
}

TEST(StageOutputs, EndWhenTheyAreStopped) {
  std::stop_source stop;
  Call call([&](const asr::SearchCall&) {
    stop.request_stop();
    return asr::Hypothesis{{}, -0.2F, 0};
  });
  const auto stopped = call.transcribe(stop.get_token());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Errc::cancelled);

  Call resumed;
  ASSERT_TRUE(resumed.transcribe());
  resumed.stages.kept.erase("voices");
  const auto in_voices = resumed.transcribe(stop.get_token());
  ASSERT_FALSE(in_voices);
  EXPECT_EQ(in_voices.error().code, Errc::cancelled);
  EXPECT_THAT(resumed.stages.kept, UnorderedElementsAre(Key("words")));
}

TEST(StageOutputs, PassOnWhatIsWrong) {
  Call call;
  call.has_audio = false;
  EXPECT_EQ(call.transcribe().error().code, Errc::not_found);
  call.options.speakers.num_speakers = 0;
  EXPECT_EQ(call.transcribe().error().code, Errc::invalid_argument);
}

TEST(Stages, ComeAfterTheStagesThatTheyNeed) {
  std::vector<Stage> before;
  for (const StageEntry& stage : transcript_stages()) {
    for (const Stage needed : stage.needs) {
      EXPECT_THAT(before, testing::Contains(needed)) << to_string(stage.name);
    }
    if (!before.empty()) {
      EXPECT_LT(before.back(), stage.name);  // progress shows them in this order
    }
    before.push_back(stage.name);
  }
}

TEST(Stages, SendTextOnlyAfterItsRedaction) {
  bool is_redacted = false;
  for (const StageEntry& stage : transcript_stages()) {
    EXPECT_TRUE(is_redacted || !stage.sends_text) << to_string(stage.name);
    is_redacted |= stage.name == Stage::postprocessing;
  }
  EXPECT_TRUE(is_redacted);
}

TEST(Stages, KeepTheOutputOfEachThatReadsTheRecording) {
  for (const StageEntry& stage : transcript_stages()) {
    EXPECT_EQ(stage.reads_audio, stage.kept != nullptr) << to_string(stage.name);
  }
}

}  // namespace
}  // namespace steno
