#include "app/remote/remote_transcribe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include "app/remote/server_fields.h"
#include "transcript/json.h"
#include "unit/client/scripted_server.h"

namespace steno::app {
namespace {

using client::event_answer;
using client::json_answer;
using client::ScriptedServer;
using client::Seen;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

Transcript spoken() {
  Transcript transcript;
  transcript.language = "en";
  transcript.language_probability = 0.98;
  transcript.duration = 2.5;
  transcript.duration_after_vad = 2;
  transcript.model = "base";
  Segment segment;
  segment.start = 0.5;
  segment.end = 2;
  segment.text = " Good <b>morning</b>.";
  segment.avg_logprob = -0.25;
  segment.tokens = {1, 2};
  transcript.segments = {segment};
  return transcript;
}

// A service where every job has the same transcript.
std::string play(size_t, const Seen& request) {
  if (request.line.starts_with("POST")) return json_answer(202, R"({"job_id":"job_1"})");
  if (request.line.find("/events") != std::string::npos) {
    return event_answer("id: 1\nevent: end\ndata: {\"status\":\"completed\"}\n\n");
  }
  return json_answer(200, to_json(spoken()));
}

class RemoteTranscribeTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("steno_remote_test." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    for (const char* name : {"a.wav", "b.wav"}) {
      std::ofstream(folder_ / name) << "audio of " << name;
      settings.inputs.push_back((folder_ / name).string());
    }
    settings.output_dir = (folder_ / "out").string();
    settings.quiet = true;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string written(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ / "out" / name).rdbuf();
    return text.str();
  }
  size_t count(const std::vector<Seen>& seen, const std::string& start) const {
    return static_cast<size_t>(std::ranges::count_if(
        seen, [&](const Seen& request) { return request.line.starts_with(start); }));
  }

  TranscribeSettings settings;
  std::stop_source stop;
  std::filesystem::path folder_;
};

TEST_F(RemoteTranscribeTest, WritesWhatWouldHaveBeenWrittenHere) {
  settings.formats = {Format::txt, Format::json, Format::srt, Format::vtt, Format::tsv};
  ScriptedServer server(play);
  const CommandResult outcome = transcribe_remotely(settings, {server.url(), "key", ""}, stop);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(count(server.seen(), "POST /api/v1/transcribe "), 2U);
  for (const std::string name : {"a.", "b."}) {
    for (const Format format : settings.formats) {
      EXPECT_EQ(written(name + std::string(name_of(format))), write(spoken(), format));
    }
  }
}

TEST_F(RemoteTranscribeTest, AJobThatFailsIsAFailureOfItsFile) {
  ScriptedServer server([](size_t n, const Seen& request) {
    const bool is_b = request.line.find("job_b") != std::string::npos;
    if (request.line.starts_with("POST") && request.body.find("of b.wav") != std::string::npos) {
      return json_answer(202, R"({"job_id":"job_b"})");
    }
    if (!is_b) return play(n, request);
    return event_answer(
        "id: 1\nevent: end\ndata: {\"status\":\"failed\",\"error\":{\"code\":\"bad_audio\","
        "\"message\":\"b.wav: not audio\"}}\n\n");
  });
  testing::internal::CaptureStderr();
  const CommandResult outcome = transcribe_remotely(settings, {server.url(), "", ""}, stop);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "steno: " + settings.inputs[1] + ": not audio\n");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(written("a.txt"), write(spoken(), Format::txt));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out" / "b.txt"));
}

TEST_F(RemoteTranscribeTest, AnInterruptionCancelsTheJobs) {
  std::atomic<int> watched = 0;
  std::promise<void> both;
  ScriptedServer server([&](size_t, const Seen& request) -> std::string {
    if (request.line.starts_with("POST")) {
      const bool is_b = request.body.find("of b.wav") != std::string::npos;
      return json_answer(202, is_b ? R"({"job_id":"job_b"})" : R"({"job_id":"job_a"})");
    }
    if (request.line.starts_with("DELETE")) return json_answer(200, "{}");
    if (++watched == 2) both.set_value();
    while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return "";
  });
  testing::internal::CaptureStderr();
  auto outcome = std::async(std::launch::async, [&] {
    return transcribe_remotely(settings, {server.url(), "", ""}, stop);
  });
  ASSERT_EQ(both.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  const auto asked = std::chrono::steady_clock::now();
  stop.request_stop();
  EXPECT_EQ(outcome.get().status, 130);
  EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::milliseconds(1000));
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(count(server.seen(), "DELETE /api/v1/jobs/job_a "), 1U);
  EXPECT_EQ(count(server.seen(), "DELETE /api/v1/jobs/job_b "), 1U);
}

TEST(ServerFields, HoldWhatIsNotAtItsDefault) {
  TranscribeSettings settings;
  EXPECT_THAT(submission_fields(settings), ElementsAre());
  settings.timestamps = true;  // times differ with word times
  EXPECT_THAT(submission_fields(settings), ElementsAre(Pair("word_timestamps", "false")));
  settings.timestamps = false;
  settings.formats = {Format::txt, Format::json};
  EXPECT_THAT(submission_fields(settings), ElementsAre(Pair("word_timestamps", "false")));
  settings.given = {"model"};
  settings.options.language = "he";
  settings.options.temperature = {0, 0.5};
  settings.options.log_prob_threshold = std::nullopt;
  settings.subtitles.max_words_per_line = 3;  // needs word times
  EXPECT_THAT(submission_fields(settings),
              UnorderedElementsAre(Pair("model", "base"), Pair("language", "he"),
                                   Pair("temperature", "0,0.5"), Pair("log_prob_threshold", "none"),
                                   Pair("word_timestamps", "true")));
}

TEST(ServerFields, OfARerunAreThoseThatWereGiven) {
  TranscribeOptions options;
  EXPECT_THAT(rerun_fields(options, {}), ElementsAre());
  options.speakers.known_speakers = {{"Ann", "AAAA"}};
  options.post.replace = {{"a", "b"}};
  EXPECT_THAT(
      rerun_fields(options, {"diarize", "num-speakers", "known-speaker", "replace-file", "quiet"}),
      ElementsAre(Pair("diarize", "false"), Pair("num_speakers", "none"),
                  Pair("known_speakers", R"([{"audio_base64":"AAAA","name":"Ann"}])"),
                  Pair("replace", R"([{"pattern":"a","replacement":"b"}])")));
}

TEST(ServerFields, RefuseWhatIsNotForAService) {
  TranscribeSettings settings;
  EXPECT_TRUE(check_for_service(settings));
  settings.given = {"compute-type"};
  EXPECT_THAT(check_for_service(settings).error().message, HasSubstr("--compute-type"));
  settings.given = {"model"};
  for (const char* model : {"/models/base", "./base", "../base", "~/base"}) {
    settings.model = model;
    EXPECT_THAT(check_for_service(settings).error().message, HasSubstr("--model")) << model;
  }
  for (const char* model : {"base", "owner/repo"}) {
    settings.model = model;
    EXPECT_TRUE(check_for_service(settings)) << model;
  }
}

}  // namespace
}  // namespace steno::app
