#include "app/remote/jobs_command.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/command_line.h"
#include "unit/client/scripted_server.h"

namespace steno::app {
namespace {

using client::event_answer;
using client::json_answer;
using client::problem_answer;
using client::ScriptedServer;
using client::Seen;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string content_of(std::FILE* file) {
  std::string text(100000, '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  return text;
}

class JobsCommandTest : public testing::Test {
 protected:
  ~JobsCommandTest() override {
    std::fclose(out_);
    std::fclose(messages_);
  }

  int run(std::vector<const char*> words, ScriptedServer::Script script) {
    ScriptedServer server(std::move(script));
    environment.url = server.url();
    const int status = run_at_environment(std::move(words));
    seen = server.seen();
    return status;
  }

  int run_at_environment(std::vector<const char*> words) {
    words.insert(words.begin(), "jobs");
    const CommandLine line = read_command_line(words);
    EXPECT_EQ(line.command, CommandLine::Command::jobs) << line.text;
    StandardOutput output(fileno(out_));
    return run_jobs_command(line.jobs, environment, output, messages_, stop);
  }

  std::string printed() { return content_of(out_); }
  std::string said() { return content_of(messages_); }

  ServiceEnvironment environment{"", "steno_secret", ""};
  std::stop_source stop;
  std::vector<Seen> seen;

 private:
  std::FILE* out_ = std::tmpfile();
  std::FILE* messages_ = std::tmpfile();
};

std::string job(const std::string& id) {
  return R"({"job_id":")" + id + R"(","status":"completed","progress":100})";
}

TEST_F(JobsCommandTest, ListsPageByPageUpToTheLimit) {
  const int status =
      run({"list", "--limit", "3", "--status", "completed"}, [](size_t n, const Seen&) {
        return n == 0 ? json_answer(200, R"({"jobs":[)" + job("a") + "," + job("b") +
                                             R"(],"next_cursor":"c1"})")
                      : json_answer(200, R"({"jobs":[)" + job("c") + R"(],"next_cursor":"c2"})");
      });
  EXPECT_EQ(status, 0) << said();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_THAT(seen[0].line, HasSubstr("/api/v1/jobs?limit=3&status=completed "));
  EXPECT_THAT(seen[1].line, HasSubstr("/api/v1/jobs?limit=1&status=completed&cursor=c1 "));
  EXPECT_THAT(printed(), AllOf(HasSubstr("\n  a "), HasSubstr("\n  b "), HasSubstr("\n  c ")));
}

TEST_F(JobsCommandTest, ListIsTheDefault) {
  const int status = run({}, [](size_t, const Seen&) {
    return json_answer(200, R"({"jobs":[],"next_cursor":null})");
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(printed(), "");
  EXPECT_EQ(said(), "no jobs\n");
  EXPECT_EQ(seen[0].headers.at("authorization"), "Bearer steno_secret");
}

TEST_F(JobsCommandTest, ShowsAsTextAndAsJson) {
  const auto script = [](size_t, const Seen&) { return json_answer(200, job("a")); };
  EXPECT_EQ(run({"show", "a"}, script), 0);
  EXPECT_THAT(printed(), HasSubstr("status    completed\n"));
  EXPECT_EQ(run({"show", "a", "--format", "json"}, script), 0);
  EXPECT_THAT(printed(), HasSubstr(job("a") + "\n"));
}

TEST_F(JobsCommandTest, WritesAResultWholeOrNotAtAll) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("steno_result_test." + std::to_string(::getpid()) + ".srt");
  const auto file = path.string();
  EXPECT_EQ(run({"result", "a", "--format", "srt", "-o", file.c_str()},
                [](size_t, const Seen&) {
                  return problem_answer(409,
                                        R"({"code":"not_ready","detail":"The job is pending"})");
                }),
            1);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(said(), "steno: a: The job is pending\n");
  EXPECT_EQ(run({"result", "a", "--format", "srt", "-o", file.c_str()},
                [](size_t, const Seen&) {
                  return client::answer(200, "application/x-subrip", "1\n00:00 --> 00:01\nHi\n\n");
                }),
            0);
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_EQ(text.str(), "1\n00:00 --> 00:01\nHi\n\n");
  EXPECT_THAT(seen[0].line, HasSubstr("/api/v1/jobs/a/result?format=srt "));
  EXPECT_EQ(printed(), "");
  std::filesystem::remove(path);
}

TEST_F(JobsCommandTest, ChangesEachJobAndSaysWhichOneCouldNotBe) {
  const int status = run({"cancel", "a", "b", "c"}, [](size_t n, const Seen&) {
    return n == 1 ? problem_answer(409, R"({"code":"job_ended","detail":"The job has ended"})")
                  : json_answer(200, R"({"job_id":"a","status":"cancelled"})");
  });
  EXPECT_EQ(status, 1);
  EXPECT_EQ(said(), "a: cancelled\nsteno: b: The job has ended\nc: cancelled\n");
  EXPECT_EQ(seen.size(), 3U);
  EXPECT_EQ(run({"purge", "-q", "a"},
                [](size_t, const Seen&) {
                  return std::string("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
                }),
            0);
  EXPECT_EQ(run({"retry", "-q", "a"},
                [](size_t, const Seen&) { return json_answer(202, R"({"job_id":"a"})"); }),
            0);
}

constexpr const char* kSegment =
    "id: 2\nevent: segment\ndata: {\"index\":0,\"id\":0,\"start\":0,\"end\":1,\"text\":\" "
    "Hello.\"}\n\n";

TEST_F(JobsCommandTest, WatchesAJobToItsEnd) {
  const int status = run({"watch", "a"}, [](size_t, const Seen&) {
    return event_answer(
        "id: 1\nevent: status\ndata: {\"status\":\"processing\",\"stage\":\"loading\"}\n\n" +
        std::string(kSegment) +
        "id: 3\nevent: progress\ndata: {\"stage\":\"transcribing\",\"progress\":52.5}\n\n"
        "id: 4\nevent: progress\ndata: {\"stage\":\"transcribing\",\"progress\":55}\n\n"
        "id: 5\nevent: end\ndata: {\"status\":\"completed\"}\n\n");
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(printed(), "Hello.\n");
  EXPECT_EQ(said(), "a: loading, 0 %\na: transcribing, 50 %\na: completed\n");
}

TEST_F(JobsCommandTest, AWatchedJobThatFailsIsAFailure) {
  const int status = run({"watch", "--quiet", "a"}, [](size_t, const Seen&) {
    return event_answer(
        std::string(kSegment) +
        "id: 5\nevent: end\ndata: "
        "{\"status\":\"failed\",\"error\":{\"code\":\"bad_audio\",\"message\":\"cut off\"}}\n\n");
  });
  EXPECT_EQ(status, 1);
  EXPECT_EQ(printed(), "Hello.\n");
  EXPECT_EQ(said(), "steno: a: failed: cut off\n");
}

TEST_F(JobsCommandTest, AnInterruptionGivesItsExitStatus) {
  stop.request_stop();
  const auto script = [](size_t, const Seen&) { return json_answer(200, job("a")); };
  EXPECT_EQ(run({"show", "a"}, script), 130);
  EXPECT_EQ(run({"watch", "a"}, script), 130);
  EXPECT_EQ(run({"cancel", "a"}, script), 130);
}

TEST_F(JobsCommandTest, TheKeyMayStandInAFile) {
  const auto path =
      std::filesystem::temp_directory_path() / ("steno_key_test." + std::to_string(::getpid()));
  std::ofstream(path) << "steno_of_file\n";
  const auto file = path.string();
  const auto script = [](size_t, const Seen&) { return json_answer(200, job("a")); };
  EXPECT_EQ(run({"show", "a", "--api-key-file", file.c_str()}, script), 0);
  EXPECT_EQ(seen[0].headers.at("authorization"), "Bearer steno_of_file");
  std::filesystem::remove(path);
  EXPECT_EQ(run({"show", "a", "--api-key-file", file.c_str()}, script), 2);
  EXPECT_THAT(said(), HasSubstr(file + ": no API key can be read from it"));
}

TEST_F(JobsCommandTest, WhatCannotBeAnAddressIsWrongUsage) {
  environment.url = "ftp://host";
  EXPECT_EQ(run_at_environment({"list"}), 2);
  EXPECT_THAT(said(), HasSubstr("steno: STENO_URL: the address of the service must be an http"));
  EXPECT_EQ(run_at_environment({"list", "--server", "localhost:8080"}), 2);
  environment = {"http://127.0.0.1:9", "two words", ""};
  EXPECT_EQ(run_at_environment({"list"}), 2);
  EXPECT_THAT(said(), AllOf(HasSubstr("the API key has characters"), Not(HasSubstr("two words"))));
}

}  // namespace
}  // namespace steno::app
