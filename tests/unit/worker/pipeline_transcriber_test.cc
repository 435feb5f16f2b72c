#include "worker/pipeline_transcriber.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "telemetry/log.h"
#include "test_paths.h"
#include "unit/base/temporary_folder.h"
#include "unit/pipeline/decode/recordings.h"
#include "unit/pipeline/fake_call.h"

namespace steno {
namespace {

using testing::HasSubstr;

std::optional<decode::Source> file(const std::string& path) { return decode::Source::file(path); }

/// The real models of set-up.
struct Real {
  ModelCache cache{models::Library({STENO_MODELS}), DeviceOptions(), 0,
                   STENO_MODELS "/silero_vad_v6.onnx"};
  Log log{LogLevel::error};
  SpeakerNetworks speakers{std::string(STENO_MODELS "/diarization"), log};
  PipelineTranscriber transcriber{cache, "tiny.en", speakers, decode::testing::sandboxed(), log};
  NoStageOutputs stages;
  Collector sink;
};

TEST(PipelineTranscriber, TranscribesARecordingWithARealModel) {
  Real real;
  Job job;
  job.options = R"({"beam_size": 1})";
  const auto transcript = real.transcriber.transcribe(
      job, file(STENO_MODELS "/../speech/austen-0870.wav"), real.stages, real.sink, {});
  ASSERT_TRUE(transcript) << transcript.error().message;
  EXPECT_GT(transcript->duration, 1);
  EXPECT_THAT(transcript->text(), HasSubstr("power to do for them"));
  EXPECT_EQ(real.sink.segments.size(), transcript->segments.size());
  ASSERT_EQ(real.cache.loaded().size(), 1u);
  EXPECT_EQ(real.cache.loaded()[0].users, 0);
}

TEST(PipelineTranscriber, ReportsSpeakers) {
  Real real;
  Job job;
  job.options = R"({"beam_size": 1, "diarize": true})";
  const auto audio = file(STENO_MODELS "/../speech/telephone.wav");
  const auto transcript = real.transcriber.transcribe(job, audio, real.stages, real.sink, {});
  ASSERT_TRUE(transcript) << transcript.error().message;
  EXPECT_EQ(transcript->speakers.size(), 2u);
}

TEST(PipelineTranscriber, TakesTheRecordingsOfKnownSpeakersFromWhereTheyAreKept) {
  struct OneStage : NoStageOutputs {
    std::optional<std::string> find(std::string_view name) override {
      return name == "known_speakers" ? content : std::nullopt;
    }
    std::optional<std::string> content = R"([{"name": "Ann", "audio_base64": "AAAA"}])";
  };
  Real real;
  OneStage stages;
  Job job;
  job.options = R"({"beam_size": 1, "diarize": true, "known_speakers": ["Ann"]})";
  const auto audio = file(STENO_MODELS "/../speech/telephone.wav");
  const auto transcript = real.transcriber.transcribe(job, audio, stages, real.sink, {});
  ASSERT_TRUE(transcript) << transcript.error().message;
  EXPECT_THAT(transcript->warnings, testing::ElementsAre(HasSubstr("of Ann")));
  job.options = R"({"beam_size": 1, "diarize": true, "known_speakers": []})";
  const auto nobody = real.transcriber.transcribe(job, audio, stages, real.sink, {});
  ASSERT_TRUE(nobody) << nobody.error().message;
  EXPECT_THAT(nobody->warnings, testing::IsEmpty());
  job.options = R"({"beam_size": 1, "diarize": true, "known_speakers": ["Ann"]})";
  stages.content.reset();
  const auto gone = real.transcriber.transcribe(job, audio, stages, real.sink, {});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Errc::io);
}

TEST(PipelineTranscriber, SaysWhereThereIsNoAudio) {
  Real real;
  Job job;
  const auto transcript =
      real.transcriber.transcribe(job, std::nullopt, real.stages, real.sink, {});
  ASSERT_FALSE(transcript);
  EXPECT_EQ(transcript.error().code, Errc::bad_audio);
  EXPECT_THAT(transcript.error().message, HasSubstr("gone"));
}

TEST(SpeakerNetworks, NameNoPathToTheClient) {
  Log log(LogLevel::error);
  SpeakerNetworks missing(fail(Errc::not_found, "not in /somewhere"), log);
  EXPECT_EQ(missing.get().error().code, Errc::not_found);
  EXPECT_EQ(missing.get().error().message.find('/'), std::string::npos);
  SpeakerNetworks damaged(std::string(STENO_GOLDEN), log);
  EXPECT_EQ(damaged.get().error().message.find('/'), std::string::npos);
  SpeakerNetworks good(std::string(STENO_MODELS "/diarization"), log);
  const auto networks = good.get();
  ASSERT_TRUE(networks) << networks.error().message;
  EXPECT_EQ(good.get().value(), *networks);
}

TEST(PipelineTranscriber, PassesOnWhatIsWrongWithAJob) {
  Real real;
  Job job;
  job.options = R"({"beam_size": 0})";
  const auto code = [&] {
    return real.transcriber
        .transcribe(job, file(STENO_GOLDEN "/vad/speech.wav"), real.stages, real.sink, {})
        .error()
        .code;
  };
  EXPECT_EQ(code(), Errc::invalid_argument);
  job.options.clear();
  job.model = "tiny";
  EXPECT_EQ(code(), Errc::not_found);
  job.model.clear();
  const auto no_audio = real.transcriber.transcribe(job, file(STENO_GOLDEN "/features.json"),
                                                    real.stages, real.sink, {});
  EXPECT_EQ(no_audio.error().code, Errc::bad_audio);
}

TEST(PipelineTranscriber, NamesNoPathWhenAModelCannotBeLoaded) {
  Real real;
  TemporaryFolder folder;
  std::filesystem::create_directory(folder / "whisper");
  std::ofstream((folder / "whisper") / "model.bin") << "damaged";
  const auto audio = file(STENO_GOLDEN "/vad/speech.wav");
  const auto error_of = [&](ModelCache& cache, const std::string& model) {
    PipelineTranscriber transcriber(cache, model, real.speakers, decode::testing::sandboxed(),
                                    real.log);
    return transcriber.transcribe(Job(), audio, real.stages, real.sink, {}).error();
  };
  const Error missing = error_of(real.cache, (folder / "gone").string());
  EXPECT_EQ(missing.code, Errc::not_found);
  EXPECT_EQ(missing.message, "model gone cannot be loaded");
  const Error damaged = error_of(real.cache, (folder / "whisper").string() + "/");
  EXPECT_EQ(damaged.code, Errc::bad_model);
  EXPECT_EQ(damaged.message, "model whisper is damaged or no Whisper model");
  ModelCache without_vad(models::Library({STENO_MODELS}), DeviceOptions(), 0,
                         (folder / "vad.onnx").string());
  EXPECT_EQ(error_of(without_vad, "tiny.en").message,
            "model tiny.en is damaged or no Whisper model");
}

}  // namespace
}  // namespace steno
