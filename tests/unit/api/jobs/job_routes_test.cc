#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "unit/api/job_fixture.h"

namespace steno::api {
namespace {

using JobRoutes = JobApiTest;

TEST_F(JobRoutes, ShowAWaitingJobWithItsPlace) {
  Job job;
  job.recording_id = "call-1";
  job.metadata = R"({"team":"support"})";
  submit();
  clock_.advance(Milliseconds(1));
  const auto second = submit("alice", job);
  const auto reply = get(path(second));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto status = reply.json();
  EXPECT_EQ(status["job_id"], second);
  EXPECT_EQ(status["status"], "pending");
  EXPECT_EQ(status["queue_position"], 2);
  EXPECT_EQ(status["recording_id"], "call-1");
  EXPECT_EQ(status["metadata"]["team"], "support");
  EXPECT_EQ(status["audio"]["name"], "call one.wav");
  EXPECT_EQ(status["audio"]["bytes"], 10);
  EXPECT_EQ(status["links"]["events"], "http://steno.test" + path(second, "/events"));
  EXPECT_FALSE(status.contains("result"));
  EXPECT_EQ(reply.header("cache-control"), "private, no-cache");
}

TEST_F(JobRoutes, EstimateWhatIsLeftFromTheProgressSoFar) {
  const auto id = submit();
  auto lease = claim(id);
  clock_.advance(Milliseconds(10'000));
  advance(lease, "transcribing", 25);
  const auto status = get(path(id)).json();
  EXPECT_EQ(status["status"], "processing");
  EXPECT_EQ(status["stage"], "transcribing");
  EXPECT_EQ(status["progress"], 25);
  EXPECT_DOUBLE_EQ(status["estimated_seconds_left"], 30);
  EXPECT_TRUE(status["queue_position"].is_null());
}

TEST_F(JobRoutes, EstimateTheQueueByTheJobsBefore) {
  const auto done = submit();
  auto lease = claim(done);
  clock_.advance(Milliseconds(4'000));
  complete(lease);
  submit();
  clock_.advance(Milliseconds(1));
  const auto status = get(path(submit())).json();
  EXPECT_EQ(status["queue_position"], 2);
  EXPECT_DOUBLE_EQ(status["estimated_seconds_left"], 8);
}

TEST_F(JobRoutes, ShowASmallResultInTheStatus) {
  const auto status = get(path(completed())).json();
  EXPECT_EQ(status["status"], "completed");
  EXPECT_EQ(status["progress"], 100);
  EXPECT_EQ(status["result"]["segments"][0]["words"].size(), 2);
  EXPECT_TRUE(status["error"].is_null());
}

TEST_F(JobRoutes, ALargeResultIsALink) {
  const auto id = submit();
  auto lease = claim(id);
  auto transcript = nlohmann::json::parse(kTranscript);
  transcript["text"] = std::string(1024 * 1024, 'x');
  complete(lease, transcript.dump());
  const auto status = get(path(id)).json();
  EXPECT_FALSE(status.contains("result"));
  EXPECT_EQ(status["result_url"], "http://steno.test" + path(id, "/result"));
}

TEST_F(JobRoutes, LinksStartWithTheConfiguredAddress) {
  options_.public_url = "https://steno.example/";
  const auto id = completed();
  EXPECT_EQ(get(path(id)).json()["result_url"], "https://steno.example" + path(id, "/result"));
}

TEST_F(JobRoutes, AFailedJobSaysWhy) {
  const auto status = get(path(failed())).json();
  EXPECT_EQ(status["status"], "failed");
  EXPECT_EQ(status["error"]["code"], "bad_audio");
}

TEST_F(JobRoutes, AJobSaysHowOftenItsWorkerDied) {
  const auto id = submit();
  EXPECT_EQ(get(path(id)).json()["losses"], 0);
  claim(id);
  ASSERT_EQ(lifecycle().lost_worker("w1"), 1);
  const auto job = get(path(id)).json();
  EXPECT_EQ(job["losses"], 1);
  EXPECT_EQ(job["attempt"], 0);
}

TEST_F(JobRoutes, WhatHasNotChangedIsNotSentAgain) {
  const auto id = submit();
  const auto tag = get(path(id)).header("etag");
  EXPECT_EQ(get(path(id), {{"If-None-Match", tag}}).status, 304);
  clock_.advance(Milliseconds(1000));
  claim(id);
  EXPECT_EQ(get(path(id), {{"If-None-Match", tag}}).status, 200);
}

TEST_F(JobRoutes, WaitHoldsTheAnswerUntilTheStateChanges) {
  const auto id = submit();
  std::jthread worker([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    claim(id);
  });
  EXPECT_EQ(get(path(id) + "?wait=60").json()["status"], "processing");
}

TEST_F(JobRoutes, WaitAnswersAtOnceForAJobThatHasEnded) {
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(get(path(failed()) + "?wait=60").status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(30));
}

TEST_F(JobRoutes, WaitEndsWithItsTime) {
  EXPECT_EQ(get(path(submit()) + "?wait=1").json()["status"], "pending");
}

TEST_F(JobRoutes, ManyWaitingClientsHoldNoThread) {
  const auto id = submit();
  std::vector<std::unique_ptr<Connection>> clients;
  for (int i = 0; i < 50; ++i) {  // the pool has two threads
    clients.push_back(std::make_unique<Connection>(address()));
    clients.back()->send("GET " + path(id) + "?wait=60 HTTP/1.1\r\nHost: a\r\nX-API-Key: " + key_ +
                         "\r\n\r\n");
  }
  EXPECT_EQ(get(path(id)).json()["status"], "pending");
  EXPECT_EQ(call("DELETE", path(id)).status, 200);
  for (const auto& client : clients) EXPECT_EQ(client->reply().json()["status"], "cancelled");
}

TEST_F(JobRoutes, RefuseWhatIsNotRightInTheQuery) {
  const auto id = submit();
  EXPECT_EQ(get(path(id) + "?wait=61").code(), "out_of_range");
  EXPECT_EQ(get(path(id) + "?wait=soon").code(), "wrong_type");
  EXPECT_EQ(get(path(id) + "?waits=1").code(), "unknown_field");
  EXPECT_EQ(get("/api/v1/jobs?status=done&limit=0").json()["errors"].size(), 2);
  EXPECT_EQ(get("/api/v1/jobs?cursor=x").code(), "invalid_cursor");
  EXPECT_EQ(get("/api/v1/jobs?status=failed&status=failed").code(), "duplicate_field");
}

TEST_F(JobRoutes, ListPagesWhileJobsComeAndGo) {
  std::set<std::string> there;
  for (int i = 0; i < 10; ++i) {
    if (i % 3 == 0) clock_.advance(Milliseconds(1));
    there.insert(submit());
  }
  std::vector<std::string> seen;
  std::string next = "/api/v1/jobs?limit=3";
  for (int pages = 0; !next.empty() && pages < 20; ++pages) {
    const auto list = get(next).json();
    for (const auto& job : list["jobs"]) seen.push_back(job["job_id"]);
    if (list["next_cursor"].is_null()) break;
    next = "/api/v1/jobs?limit=3&cursor=" + list["next_cursor"].get<std::string>();
    submit();
    if (pages == 1) {  // removes the job at the cursor
      ASSERT_EQ(call("DELETE", path(seen.back())).status, 200);
      ASSERT_EQ(call("DELETE", path(seen.back()) + "?purge=true").status, 204);
    }
  }
  EXPECT_EQ(seen.size(), there.size());
  EXPECT_EQ(std::set(seen.begin(), seen.end()), there);
}

TEST_F(JobRoutes, ListFilters) {
  Job job;
  job.recording_id = "call-1";
  job.batch_id = "batch_1";
  const auto id = submit("alice", job);
  clock_.advance(Milliseconds(5000));
  const auto other = failed();
  const auto only = [&](const std::string& query) {
    const auto list = get("/api/v1/jobs?" + query).json()["jobs"];
    return list.size() == 1 ? list[0]["job_id"].get<std::string>() : list.dump();
  };
  EXPECT_EQ(only("status=pending"), id);
  EXPECT_EQ(only("recording_id=call-1"), id);
  EXPECT_EQ(only("batch_id=batch_1"), id);
  EXPECT_EQ(only("status=failed&type=transcription"), other);
  const auto between = to_iso8601(clock_.now() - Milliseconds(2000));
  EXPECT_EQ(only("created_before=" + between), id);
  EXPECT_EQ(only("created_after=" + between), other);
}

TEST_F(JobRoutes, CancelThenPurge) {
  const auto id = submit();
  EXPECT_EQ(call("DELETE", path(id) + "?purge=true").code(), "job_not_ended");
  const auto cancelled = call("DELETE", path(id));
  EXPECT_EQ(cancelled.status, 200);
  EXPECT_EQ(cancelled.json()["status"], "cancelled");
  EXPECT_EQ(last_audit(), "job.cancel " + id + " ok");
  EXPECT_EQ(call("DELETE", path(id)).code(), "job_ended");
  EXPECT_EQ(last_audit(), "job.cancel " + id + " job_ended");
  EXPECT_EQ(call("DELETE", path(id) + "?purge=true").status, 204);
  EXPECT_EQ(last_audit(), "job.purge " + id + " ok");
  EXPECT_EQ(get(path(id)).status, 404);
  EXPECT_THAT(blob_keys(), testing::IsEmpty());
}

TEST_F(JobRoutes, AFailedJobIsSentAgain) {
  const auto id = failed();
  const auto reply = call("POST", path(id, "/retry"));
  EXPECT_EQ(reply.status, 202) << reply.body;
  EXPECT_EQ(job(id).state, State::pending);
  EXPECT_EQ(last_audit(), "job.retry " + id + " ok");
  EXPECT_EQ(call("POST", path(id, "/retry")).code(), "not_failed");
}

TEST_F(JobRoutes, DeadLettersAreListedSentAgainAndDiscarded) {
  const auto first = dead_letter();
  const auto second = dead_letter();
  failed();
  EXPECT_EQ(get("/api/v1/dead-letters").json()["jobs"].size(), 2);
  EXPECT_EQ(call("POST", "/api/v1/dead-letters/" + first + "/retry").status, 202);
  EXPECT_EQ(call("DELETE", "/api/v1/dead-letters/" + second).status, 204);
  EXPECT_EQ(last_audit(), "job.discard " + second + " ok");
  EXPECT_EQ(call("DELETE", "/api/v1/dead-letters/" + second).status, 404);
  EXPECT_TRUE(get("/api/v1/dead-letters").json()["jobs"].empty());
  EXPECT_EQ(job(second).state, State::failed);
}

TEST_F(JobRoutes, AKeyThatMayOnlyReadChangesNothing) {
  const auto id = submit();
  key_ = make_key("alice", static_cast<Scopes>(Scope::read));
  EXPECT_EQ(get(path(id)).status, 200);
  EXPECT_EQ(call("DELETE", path(id)).status, 403);
  EXPECT_EQ(call("POST", path(id, "/retry")).status, 403);
}

}  // namespace
}  // namespace steno::api
