#include "client/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "transcript/json.h"
#include "unit/client/scripted_server.h"

namespace steno::client {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using SteadyClock = std::chrono::steady_clock;

constexpr const char* kKey = "steno_secret";
constexpr const char* kJob =
    R"({"job_id":"job_1","status":"processing","type":"transcription","stage":"transcribing",
"created_at":"2026-11-25T18:03:07.123Z","started_at":null,"finished_at":null,"progress":42.5,
"priority":5,"attempt":1,"max_attempts":3,"model":"base","recording_id":null,"batch_id":null,
"audio":{"name":"call.wav","bytes":10,"seconds":null},"warnings":["noisy"],"error":null,
"queue_position":null,"estimated_seconds_left":7.2})";

Patience quick() { return {3, milliseconds(1), milliseconds(20), milliseconds(300)}; }

Client client_of(const ScriptedServer& server, std::string key = kKey) {
  return Client({server.url(), std::move(key), ""}, quick());
}

class ClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("steno_client_test." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return (folder_ / name).string();
  }
  std::filesystem::path folder_;
  std::stop_source stop_;
};

TEST_F(ClientTest, ChecksAddresses) {
  EXPECT_EQ(checked_url("http://127.0.0.1:8080/"), "http://127.0.0.1:8080");
  EXPECT_EQ(checked_url("https://host/prefix//"), "https://host/prefix");
  for (const char* url : {"", "127.0.0.1:8080", "ftp://host", "http://", "http://u:p@host",
                          "http://host/?a=b", "http://host/#x"}) {
    const auto checked = checked_url(url);
    ASSERT_FALSE(checked) << url;
    EXPECT_EQ(checked.error().code, Errc::invalid_argument);
  }
  EXPECT_THAT(checked_url("http://u:hush@host").error().message, Not(HasSubstr("hush")));
  EXPECT_TRUE(check_key(kKey));
  EXPECT_THAT(check_key("a hush\n").error().message, Not(HasSubstr("hush")));
}

TEST_F(ClientTest, SendsTheKeyAndReadsAJob) {
  ScriptedServer server([](size_t, const Seen&) { return json_answer(200, kJob); });
  const auto job = client_of(server).job("job_1", std::chrono::seconds(10), {});
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->id, "job_1");
  EXPECT_EQ(job->status, "processing");
  EXPECT_EQ(job->stage, "transcribing");
  EXPECT_EQ(job->progress, 42.5);
  EXPECT_EQ(job->started_at, "");
  EXPECT_EQ(job->audio_name, "call.wav");
  EXPECT_EQ(job->audio_seconds, std::nullopt);
  EXPECT_EQ(job->seconds_left, 7.2);
  EXPECT_THAT(job->warnings, ElementsAre("noisy"));
  EXPECT_THAT(job->json, StartsWith(R"({"job_id":"job_1","status":"processing")"));
  const auto seen = server.seen();
  EXPECT_EQ(seen[0].line, "GET /api/v1/jobs/job_1?wait=10 HTTP/1.1");
  EXPECT_EQ(seen[0].headers.at("authorization"), "Bearer steno_secret");
}

TEST_F(ClientTest, EscapesWhatStandsInAnAddress) {
  ScriptedServer server(
      [](size_t, const Seen&) { return json_answer(200, R"({"jobs":[],"next_cursor":"c/2"})"); });
  auto client = client_of(server, "");
  const auto page = client.list({{"status", "failed"}, {"cursor", "a&b c"}}, {});
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_EQ(page->next_cursor, "c/2");
  EXPECT_TRUE(client.result("../x?y", {{"format", "srt"}}, {}));
  const auto seen = server.seen();
  EXPECT_EQ(seen[0].line, "GET /api/v1/jobs?status=failed&cursor=a%26b%20c HTTP/1.1");
  EXPECT_FALSE(seen[0].headers.contains("authorization"));
  EXPECT_EQ(seen[1].line, "GET /api/v1/jobs/..%2Fx%3Fy/result?format=srt HTTP/1.1");
}

TEST_F(ClientTest, SendsAFileWithItsFields) {
  const std::string content = std::string(3'000'000, 'a') + "the end";
  ScriptedServer server([](size_t, const Seen&) {
    return json_answer(202, R"({"job_id":"job_7","status":"pending"})");
  });
  const auto id = client_of(server).submit(file("a \"b\".wav", content),
                                           {{"language", "he"}, {"prefix", "x&y\n"}}, {});
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(*id, "job_7");
  const auto seen = server.seen();
  EXPECT_EQ(seen[0].line, "POST /api/v1/transcribe HTTP/1.1");
  EXPECT_THAT(seen[0].headers.at("content-type"), StartsWith("multipart/form-data; boundary="));
  EXPECT_TRUE(seen[0].headers.contains("content-length"));
  EXPECT_GE(seen[0].headers.at("idempotency-key").size(), 20U);
  EXPECT_THAT(seen[0].body, HasSubstr("name=\"language\"\r\n\r\nhe\r\n"));
  EXPECT_THAT(seen[0].body, HasSubstr("name=\"prefix\"\r\n\r\nx&y\n\r\n"));
  EXPECT_THAT(seen[0].body, HasSubstr("name=\"file\"; filename=\"a %22b%22.wav\""));
  EXPECT_NE(seen[0].body.find("\r\n\r\n" + content + "\r\n"), std::string::npos);
}

TEST_F(ClientTest, SendsWhatComesFromAPipe) {
  const auto pipe = (folder_ / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  ScriptedServer server([](size_t, const Seen&) { return json_answer(202, R"({"job_id":"j"})"); });
  std::jthread writer([&] { std::ofstream(pipe) << std::string(200'000, 'p'); });
  const auto id = client_of(server).submit(pipe, {}, {});
  ASSERT_TRUE(id) << id.error().message;
  const auto seen = server.seen();
  EXPECT_EQ(seen[0].headers.at("transfer-encoding"), "chunked");
  EXPECT_NE(seen[0].body.find(std::string(200'000, 'p')), std::string::npos);
}

TEST_F(ClientTest, NamesAFileThatCannotBeRead) {
  ScriptedServer server([](size_t, const Seen&) { return json_answer(202, R"({"job_id":"j"})"); });
  auto client = client_of(server);
  const auto missing = client.submit((folder_ / "none.wav").string(), {}, {});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("none.wav: No such file"));
  EXPECT_THAT(client.submit(folder_.string(), {}, {}).error().message, HasSubstr("directory"));
  EXPECT_TRUE(server.seen().empty());
}

TEST_F(ClientTest, SubmitsAgainUnderTheSameKey) {
  const std::string content(100'000, 'r');
  ScriptedServer server([](size_t n, const Seen&) -> std::string {
    if (n == 0) return "";  // cut off
    if (n == 1) {
      return problem_answer(429, R"({"code":"queue_full","detail":"full"})", "Retry-After: 0\r\n");
    }
    return json_answer(202, R"({"job_id":"job_7"})");
  });
  const auto id = client_of(server).submit(file("a.wav", content), {}, {});
  ASSERT_TRUE(id) << id.error().message;
  const auto seen = server.seen();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].headers.at("idempotency-key"), seen[2].headers.at("idempotency-key"));
  EXPECT_NE(seen[2].body.find(content), std::string::npos);
}

TEST_F(ClientTest, GivesUpInTheEnd) {
  ScriptedServer server([](size_t, const Seen&) {
    return problem_answer(503, R"({"code":"database_busy","detail":"The database is busy"})");
  });
  const auto job = client_of(server).job("j", {}, {});
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().code, Errc::unavailable);
  EXPECT_EQ(job.error().message, "The database is busy");
  EXPECT_EQ(server.seen().size(), 3U);
}

TEST_F(ClientTest, MakesNoChangeTwice) {
  ScriptedServer server([](size_t, const Seen&) { return std::string(); });
  auto client = client_of(server);
  EXPECT_EQ(client.cancel("j", {}).error().code, Errc::unavailable);
  EXPECT_EQ(client.purge("j", {}).error().code, Errc::unavailable);
  EXPECT_EQ(client.retry("j", {}).error().code, Errc::unavailable);
  const auto seen = server.seen();
  ASSERT_EQ(seen.size(), 3U);
  EXPECT_EQ(seen[0].line, "DELETE /api/v1/jobs/j HTTP/1.1");
  EXPECT_EQ(seen[1].line, "DELETE /api/v1/jobs/j?purge=true HTTP/1.1");
  EXPECT_EQ(seen[2].line, "POST /api/v1/jobs/j/retry HTTP/1.1");
}

TEST_F(ClientTest, SaysWhatIsWrongInOneLine) {
  ScriptedServer server([](size_t n, const Seen&) {
    switch (n) {
      case 0:
        return problem_answer(422, R"({"code":"invalid_request","detail":"2 fields are wrong",
            "errors":[{"path":"$.beam_size","message":"beam_size must be from 1 to 100"},
                      {"path":"format","message":"must be json or txt"}]})");
      case 1:
        return problem_answer(401, R"({"code":"no_key","detail":"A key is needed"})");
      case 2:
        return problem_answer(409, R"({"code":"job_ended","detail":"The job has ended"})");
      case 3:
        return problem_answer(422, R"({"code":"out_of_range",
            "detail":"beam_size must be from 1 to 100, and 1 more",
            "errors":[{"path":"$.beam_size","message":"beam_size must be from 1 to 100"},
                      {"path":"$.bem","message":"there is no such field"}]})");
      case 4:
        return answer(301, "text/html", "<html>", "Location: https://elsewhere/\r\n");
      default:
        return answer(404, "text/html", "<html>nothing here</html>");
    }
  });
  auto client = client_of(server);
  EXPECT_EQ(client.cancel("j", {}).error().message,
            "2 fields are wrong: beam_size must be from 1 to 100; format: must be json or txt");
  EXPECT_THAT(client.cancel("j", {}).error().message,
              AllOf(HasSubstr("does not accept the API key"), HasSubstr("STENO_API_KEY"),
                    HasSubstr(server.url()), Not(HasSubstr(kKey))));
  EXPECT_EQ(client.cancel("j", {}).error().code, Errc::conflict);
  EXPECT_EQ(client.cancel("j", {}).error().message,
            "beam_size must be from 1 to 100; bem: there is no such field");
  EXPECT_THAT(client.cancel("j", {}).error().message, HasSubstr("https://elsewhere/"));
  EXPECT_THAT(client.cancel("j", {}).error().message, HasSubstr("answered 404"));
}

TEST_F(ClientTest, NamesAnAddressThatDoesNotAnswer) {
  std::string url;
  {
    const ScriptedServer gone([](size_t, const Seen&) { return std::string(); });
    url = gone.url();
  }
  Client client({url, kKey, ""}, {5, milliseconds(60'000), milliseconds(60'000)});
  const auto job = client.job("j", {}, {});  // at once, without another attempt
  ASSERT_FALSE(job);
  EXPECT_EQ(job.error().code, Errc::unavailable);
  EXPECT_THAT(job.error().message, AllOf(HasSubstr(url), Not(HasSubstr(kKey))));
}

TEST_F(ClientTest, StopsWithinASecond) {
  ScriptedServer server([](size_t, const Seen&) { return std::string(); });
  server.hold_answers();
  struct Silent : JobWatcher {
    void progress(const JobProgress&) override {}
    void segment(const Segment&) override {}
  };
  const auto takes = [&](const std::function<Errc(Client&, std::stop_token)>& call) {
    std::stop_source stop;
    const auto before = server.seen().size();
    auto client = client_of(server);
    auto ended = std::async(std::launch::async, [&] { return call(client, stop.get_token()); });
    EXPECT_TRUE(server.wait_for(before + 1));
    const auto start = SteadyClock::now();
    stop.request_stop();
    EXPECT_EQ(ended.get(), Errc::cancelled);
    return SteadyClock::now() - start;
  };
  const auto path = file("a.wav", "content");
  EXPECT_LT(takes([&](Client& c, auto stop) { return c.submit(path, {}, stop).error().code; }),
            milliseconds(1000));
  EXPECT_LT(takes([&](Client& c, auto stop) { return c.job("j", {}, stop).error().code; }),
            milliseconds(1000));
  Silent silent;
  EXPECT_LT(takes([&](Client& c, auto stop) { return c.watch("j", silent, stop).error().code; }),
            milliseconds(1000));
}

TEST_F(ClientTest, ASentSubmissionStillReceivesItsJob) {
  ScriptedServer server([](size_t, const Seen&) { return json_answer(202, R"({"job_id":"j"})"); });
  server.hold_answers();
  std::stop_source stop;
  auto client = client_of(server);
  const auto path = file("a.wav", "content");
  auto id =
      std::async(std::launch::async, [&] { return client.submit(path, {}, stop.get_token()); });
  ASSERT_TRUE(server.wait_for(1));
  stop.request_stop();
  server.let_go();
  EXPECT_EQ(id.get(), "j");
}

// Watching.

struct Listener : JobWatcher {
  std::vector<std::string> heard;
  void progress(const JobProgress& progress) override {
    heard.push_back(progress.stage + " " + std::to_string(static_cast<int>(progress.percent)));
  }
  void segment(const Segment& segment) override { heard.push_back(segment.text); }
};

std::string event(int id, const std::string& type, const std::string& data) {
  return "id: " + std::to_string(id) + "\nevent: " + type + "\ndata: " + data + "\n\n";
}

std::string segment_event(int id, int index, const std::string& text) {
  Segment segment;
  segment.text = text;
  std::string json = to_json_line(segment);
  json.pop_back();
  return event(id, "segment", "{\"index\":" + std::to_string(index) + "," + json.substr(1));
}

TEST_F(ClientTest, WatchesOverBrokenConnectionsWithoutGapOrRepeat) {
  ScriptedServer server([](size_t n, const Seen&) -> std::string {
    if (n == 0) {
      return event_answer(
          event(1, "status", R"({"status":"processing","stage":"x","progress":0})") +
          segment_event(2, 0, "one") + "id: 3\nevent: segm");
    }
    if (n == 1) return "";
    if (n == 2) return problem_answer(503, R"({"code":"stopping"})");
    return event_answer(": keep-alive\n\n" + segment_event(3, 1, "two") +
                        event(4, "progress", R"({"stage":"x","progress":50.4})") +
                        segment_event(5, 0, "one") + segment_event(6, 2, "three") +
                        event(7, "end", R"({"status":"completed"})"));
  });
  Listener listener;
  const auto end = client_of(server).watch("job_1", listener, {});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->status, "completed");
  EXPECT_THAT(listener.heard, ElementsAre("x 0", "one", "two", "x 50", "three"));
  const auto seen = server.seen();
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0].line, "GET /api/v1/jobs/job_1/events HTTP/1.1");
  EXPECT_FALSE(seen[0].headers.contains("last-event-id"));
  for (size_t n = 1; n < 4; ++n) EXPECT_EQ(seen[n].headers.at("last-event-id"), "2");
}

TEST_F(ClientTest, WatchReportsWhyAJobFailed) {
  ScriptedServer server([](size_t, const Seen&) {
    return event_answer(event(
        9, "end", R"({"status":"failed","error":{"code":"bad_audio","message":"not audio"}})"));
  });
  Listener listener;
  const auto end = client_of(server).watch("j", listener, {});
  ASSERT_TRUE(end);
  EXPECT_EQ(end->status, "failed");
  EXPECT_EQ(end->error, "not audio");
}

TEST_F(ClientTest, WatchAsksForTheEndThatItHasMissed) {
  ScriptedServer server([](size_t n, const Seen&) -> std::string {
    if (n == 0) return "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    return json_answer(200, R"({"job_id":"j","status":"cancelled"})");
  });
  Listener listener;
  const auto end = client_of(server).watch("j", listener, {});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->status, "cancelled");
}

TEST_F(ClientTest, WatchEndsForAJobThatIsNotThereAndAServiceThatIsGone) {
  ScriptedServer server([](size_t n, const Seen&) -> std::string {
    if (n == 0)
      return problem_answer(404, R"({"code":"not_found","detail":"There is no such job"})");
    return "";
  });
  Listener listener;
  auto client = client_of(server);
  EXPECT_EQ(client.watch("j", listener, {}).error().code, Errc::not_found);
  EXPECT_EQ(client.watch("j", listener, {}).error().code, Errc::unavailable);
  EXPECT_GE(server.seen().size(), 3U);
}

}  // namespace
}  // namespace steno::client
