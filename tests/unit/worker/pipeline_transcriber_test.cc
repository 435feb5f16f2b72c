#include "worker/pipeline_transcriber.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "transcript/json.h"
#include "unit/pipeline/fake_call.h"

namespace steno {
namespace {

using testing::HasSubstr;

TEST(ParseOptions, ReadsThemByTheirNames) {
  const auto options = parse_options(
      R"({"beam_size": 1, "language": null, "temperature": [0, 0.5], "word_timestamps": true,
          "initial_prompt": "Dr. Who"})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->beam_size, 1);
  EXPECT_EQ(options->language, std::nullopt);
  EXPECT_EQ(options->temperature, (std::vector<double>{0, 0.5}));
  EXPECT_TRUE(options->word_timestamps);
  EXPECT_EQ(options->initial_prompt, "Dr. Who");
  EXPECT_EQ(parse_options("").value(), TranscribeOptions());
  EXPECT_EQ(parse_options("{}").value(), TranscribeOptions());
  EXPECT_EQ(parse_options(R"({"extra_data": false})").value(), TranscribeOptions());
}

TEST(ParseOptions, RefusesWhatIsNone) {
  for (const char* text : {"[]", "{", R"({"beam_size": 0})", R"({"beam_size": {}})",
                           R"({"beam": 1})", R"({"temperature": ["a"]})"}) {
    const auto options = parse_options(text);
    ASSERT_FALSE(options) << text;
    EXPECT_EQ(options.error().code, Errc::invalid_argument);
  }
}

struct MemoryStages : Stages {
  std::optional<std::string> find(std::string_view name) override {
    const auto found = kept.find(std::string(name));
    return found == kept.end() ? std::nullopt : std::optional(found->second);
  }
  void keep(std::string_view name, std::string_view content) override {
    kept[std::string(name)] = content;
  }
  std::map<std::string, std::string> kept;
};

/// The real models of the set-up.
struct Real {
  ModelCache cache{models::Library({STENO_MODELS}), DeviceOptions(), 0,
                   STENO_MODELS "/silero_vad_v6.onnx"};
  PipelineTranscriber transcriber{cache, "tiny.en"};
  MemoryStages stages;
  Collector sink;
};

TEST(PipelineTranscriber, TranscribesARecordingWithARealModel) {
  Real real;
  Job job;
  job.options = R"({"beam_size": 1})";
  const auto transcript = real.transcriber.transcribe(
      job, STENO_MODELS "/../speech/austen-0870.wav", real.stages, real.sink, {});
  ASSERT_TRUE(transcript) << transcript.error().message;
  EXPECT_GT(transcript->duration, 1);
  EXPECT_THAT(transcript->text(), HasSubstr("power to do for them"));
  EXPECT_EQ(real.sink.segments.size(), transcript->segments.size());
  ASSERT_EQ(real.cache.loaded().size(), 1u);
  EXPECT_EQ(real.cache.loaded()[0].users, 0);
}

TEST(PipelineTranscriber, HearsNoWordsTwice) {
  Real real;
  Job job;
  job.options = R"({"beam_size": 1, "word_timestamps": true})";
  const std::string audio = STENO_MODELS "/../speech/austen-0870.wav";
  const auto first = real.transcriber.transcribe(job, audio, real.stages, real.sink, {});
  ASSERT_TRUE(first);
  Collector again;
  const auto second = real.transcriber.transcribe(job, "no file", real.stages, again, {});
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(to_json(*second), to_json(*first));
  EXPECT_EQ(again.segments.size(), first->segments.size());

  for (auto& [name, content] : real.stages.kept) content = "{damaged";
  EXPECT_FALSE(real.transcriber.transcribe(job, "no file", real.stages, again, {}));
}

TEST(PipelineTranscriber, PassesOnWhatIsWrongWithAJob) {
  Real real;
  Job job;
  job.options = R"({"beam_size": 0})";
  const auto code = [&] {
    return real.transcriber
        .transcribe(job, STENO_GOLDEN "/vad/speech.wav", real.stages, real.sink, {})
        .error()
        .code;
  };
  EXPECT_EQ(code(), Errc::invalid_argument);
  job.options.clear();
  job.model = "tiny";
  EXPECT_EQ(code(), Errc::not_found);
  job.model.clear();
  const auto no_audio =
      real.transcriber.transcribe(job, STENO_GOLDEN "/features.json", real.stages, real.sink, {});
  EXPECT_EQ(no_audio.error().code, Errc::bad_audio);
}

}  // namespace
}  // namespace steno
