#include <gmock/gmock.h>

#include "transcript/json.h"
#include "unit/api/job_fixture.h"

namespace steno::api {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

using ResultRoutes = JobApiTest;

std::string path_of(const std::string& url) { return url.substr(url.find("/api/")); }

TEST_F(ResultRoutes, WriteEveryFormat) {
  const auto id = completed();
  const auto result = [&](const std::string& format) {
    return get(path(id, "/result?format=") + format);
  };
  EXPECT_EQ(get(path(id, "/result")).json()["text"], "Good morning.");
  EXPECT_EQ(result("txt").body, "Good morning.\n");
  EXPECT_THAT(result("srt").body, StartsWith("1\n00:00:00,100 --> 00:00:02,400\nGood morning."));
  EXPECT_THAT(result("vtt").body, StartsWith("WEBVTT\n\n"));
  EXPECT_THAT(result("tsv").body, StartsWith("start\tend\ttext\n100\t2400\tGood morning."));
  EXPECT_THAT(result("vtt").header("content-type"), StartsWith("text/vtt"));
  EXPECT_THAT(result("srt").header("content-disposition"), HasSubstr("call one.srt"));
  EXPECT_THAT(result("srt").header("content-disposition"), StartsWith("inline"));
}

TEST_F(ResultRoutes, RefuseFormatsByName) {
  const auto id = completed();
  const auto reply = get(path(id, "/result?format=diarized_json"));
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.code(), "unsupported_format");
  EXPECT_THAT(reply.body, HasSubstr("diarized_json"));
  EXPECT_EQ(get(path(id, "/result?format=doc")).code(), "not_a_choice");
}

TEST_F(ResultRoutes, TellOfADamagedResultAndKeepTheStatusReadable) {
  Job plain;
  plain.options = R"({"word_timestamps":false})";
  for (const char* damaged : {"", "{\"segments\":[", "{}", "[]", "{\"segments\":[7]}"}) {
    const auto id = completed("alice", plain, damaged);
    const auto status = get(path(id));
    EXPECT_EQ(status.status, 200) << damaged;
    EXPECT_EQ(status.json()["status"], "completed");
    EXPECT_FALSE(status.json().contains("result"));
    for (const char* format : {"json", "txt"}) {
      const auto reply = get(path(id, "/result?format=") + format);
      EXPECT_EQ(reply.status, 500) << damaged << format;
      EXPECT_EQ(reply.code(), "result_damaged");
      EXPECT_THAT(reply.body, HasSubstr("rerun the job"));
    }
  }
}

TEST_F(ResultRoutes, WriteRttmOfJobsThatLookedForSpeakers) {
  const auto without = get(path(completed(), "/result?format=rttm"));
  EXPECT_EQ(without.status, 409);
  EXPECT_EQ(without.code(), "no_speakers");
  Job job;
  job.options = R"({"diarize":true})";
  Transcript transcript;
  transcript.speakers = {{"SPEAKER_00", 1.5}};
  transcript.turns = {{0.5, 2, 0}};
  const auto reply = get(path(completed("alice", job, to_json(transcript)), "/result?format=rttm"));
  EXPECT_EQ(reply.body, "SPEAKER call_one 1 0.500 1.500 <NA> <NA> SPEAKER_00 <NA> <NA>\n");
  EXPECT_EQ(get(path(completed("alice", job), "/result?format=rttm")).status, 200);
}

TEST_F(ResultRoutes, ShowOnlyWhatTheJobAskedFor) {
  Job plain;
  plain.options = R"({"word_timestamps":false,"extra_data":false})";
  const auto id = completed("alice", plain);
  const auto segment = get(path(id, "/result")).json()["segments"][0];
  EXPECT_FALSE(segment.contains("words"));
  EXPECT_FALSE(segment.contains("extra_data"));
  EXPECT_EQ(segment["text"], " Good morning.");
  EXPECT_FALSE(get(path(id)).json()["result"]["segments"][0].contains("words"));
  const auto full = get(path(completed(), "/result")).json()["segments"][0];
  EXPECT_EQ(full["words"].size(), 2);
  EXPECT_TRUE(full["extra_data"].contains("avg_logprob"));
}

TEST_F(ResultRoutes, WriteVerboseJsonWithTheWordsThatWereAskedFor) {
  const auto reply = get(path(completed(), "/result?format=verbose_json"));
  EXPECT_EQ(reply.header("content-type"), "application/json");
  EXPECT_THAT(reply.header("content-disposition"), HasSubstr(".verbose.json\""));
  EXPECT_EQ(reply.json()["task"], "transcribe");
  EXPECT_EQ(reply.json()["language"], "english");
  EXPECT_EQ(reply.json()["words"][0]["word"], "Good");
  Job plain;
  plain.options = R"({"word_timestamps":false,"task":"translate"})";
  const auto other = get(path(completed("alice", plain), "/result?format=verbose_json")).json();
  EXPECT_EQ(other["task"], "translate");
  EXPECT_FALSE(other.contains("words"));
}

TEST_F(ResultRoutes, CutSubtitlesAsAsked) {
  const auto reply = get(path(completed(), "/result?format=srt&max_words_per_line=1"));
  EXPECT_THAT(reply.body, HasSubstr("2\n00:00:00,500 --> 00:00:02,400\nmorning."));
}

TEST_F(ResultRoutes, SayTheStatusWhileThereIsNone) {
  const auto id = submit();
  const auto waiting = get(path(id, "/result"));
  EXPECT_EQ(waiting.status, 409);
  EXPECT_EQ(waiting.code(), "not_ready");
  EXPECT_EQ(waiting.json()["job_status"], "pending");
  const auto none = get(path(failed(), "/result"));
  EXPECT_EQ(none.code(), "no_result");
  EXPECT_EQ(none.json()["job_status"], "failed");
  EXPECT_THAT(none.body, HasSubstr("no audio"));
}

TEST_F(ResultRoutes, AnswerConditionsAndRanges) {
  const auto id = completed();
  const auto whole = get(path(id, "/result?format=txt"));
  const auto tag = whole.header("etag");
  EXPECT_EQ(get(path(id, "/result?format=txt"), {{"If-None-Match", tag}}).status, 304);
  EXPECT_NE(get(path(id, "/result?format=srt")).header("etag"), tag);
  const auto part = get(path(id, "/result?format=txt"), {{"Range", "bytes=0-3"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "Good");
}

TEST_F(ResultRoutes, GiveTheRecordingByKeyAndByLink) {
  const auto id = completed();
  EXPECT_EQ(get(path(id, "/audio")).body, "0123456789");
  EXPECT_EQ(get(path(id, "/audio")).header("content-type"), "audio/wav");
  const auto link = path_of(get(path(id)).json()["audio"]["url"]);
  key_.clear();
  EXPECT_EQ(get(path(id, "/audio")).status, 401);
  const auto part = get(link, {{"Range", "bytes=2-4"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "234");
  EXPECT_EQ(call("HEAD", link).status, 200);
}

TEST_F(ResultRoutes, ALinkOpensNothingElse) {
  const auto id = completed();
  const auto other = completed();
  const auto link = path_of(get(path(id)).json()["audio"]["url"]);
  key_.clear();
  const auto query = link.substr(link.find('?'));
  EXPECT_EQ(get(path(other, "/audio") + query).code(), "invalid_link");
  EXPECT_EQ(get(path(id, "/result") + query).status, 401);
  EXPECT_EQ(get(path(id) + query).status, 401);
  EXPECT_EQ(get(link + "0").code(), "invalid_link");
  EXPECT_EQ(get(path(id, "/audio?expires=99999999999&signature=00")).code(), "invalid_link");
  clock_.advance(options_.link_ttl * 2);
  EXPECT_EQ(get(link).code(), "link_expired");
}

TEST_F(ResultRoutes, ALinkStaysTheSameForAWhile) {
  const auto id = completed();
  const auto link = get(path(id)).json()["audio"]["url"];
  EXPECT_EQ(get(path(id)).json()["audio"]["url"], link);
}

TEST_F(ResultRoutes, ARecordingThatWasDeletedIsGone) {
  policy_.keep_audio = Milliseconds(0);
  const auto id = completed();
  lifecycle().clean();
  EXPECT_EQ(get(path(id, "/audio")).status, 410);
  EXPECT_TRUE(get(path(id)).json()["audio"]["url"].is_null());
}

TEST_F(ResultRoutes, ANameOfTheClientCannotBecomeAPage) {
  const auto id = submit();
  auto stored = job(id);
  stored.source.name = "x.html\"\r\nSet-Cookie: a=b";
  ASSERT_TRUE(store_->jobs().update(stored, {}));
  const auto reply = get(path(id, "/audio"));
  EXPECT_EQ(reply.header("content-type"), "application/octet-stream");
  EXPECT_EQ(reply.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(reply.header("set-cookie"), "");
}

}  // namespace
}  // namespace steno::api
