#include "worker/pipeline_transcriber.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

/// The real models of the set-up.
struct Real {
  ModelCache cache{models::Library({STENO_MODELS}), DeviceOptions(), 0,
                   STENO_MODELS "/silero_vad_v6.onnx"};
  PipelineTranscriber transcriber{cache, "tiny.en"};
  Collector sink;
};

TEST(PipelineTranscriber, TranscribesARecordingWithARealModel) {
  Real real;
  Job job;
  job.options = R"({"beam_size": 1})";
  const auto transcript =
      real.transcriber.transcribe(job, STENO_MODELS "/../speech/austen-0870.wav", real.sink, {});
  ASSERT_TRUE(transcript) << transcript.error().message;
  EXPECT_GT(transcript->duration, 1);
  EXPECT_THAT(transcript->text(), HasSubstr("power to do for them"));
  EXPECT_EQ(real.sink.segments.size(), transcript->segments.size());
  ASSERT_EQ(real.cache.loaded().size(), 1u);
  EXPECT_EQ(real.cache.loaded()[0].users, 0);
}

TEST(PipelineTranscriber, PassesOnWhatIsWrongWithAJob) {
  Real real;
  Job job;
  job.options = R"({"beam_size": 0})";
  const auto code = [&] {
    return real.transcriber.transcribe(job, STENO_GOLDEN "/vad/speech.wav", real.sink, {})
        .error()
        .code;
  };
  EXPECT_EQ(code(), Errc::invalid_argument);
  job.options.clear();
  job.model = "tiny";
  EXPECT_EQ(code(), Errc::not_found);
  job.model.clear();
  const auto no_audio =
      real.transcriber.transcribe(job, STENO_GOLDEN "/features.json", real.sink, {});
  EXPECT_EQ(no_audio.error().code, Errc::bad_audio);
}

}  // namespace
}  // namespace steno
