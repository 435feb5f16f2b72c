#include <atomic>
#include <thread>

#include "unit/store/store_contract.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Status = Creation::Status;

/// A job in which no field has its default.
Job full_job() {
  Job job = waiting_job("job_full", 1);
  job.batch_id = "batch_1";
  job.type = "other";
  job.progress = 12.5;
  job.attempt = 2;
  job.max_attempts = 7;
  job.losses = 2;
  job.fence = 3;
  job.heartbeats = 4;
  job.worker = "worker_1";
  job.available_at = at(2);
  job.queue_until = at(3);
  job.started_at = at(4);
  job.finished_at = at(5);
  job.time_limit = Milliseconds(6000);
  job.source = {.blob = "audio/1", .url = "https://a/b", .name = "b.mp3", .bytes = 5'000'000'000};
  job.model = "base";
  job.options = R"({"beam_size":5})";
  job.recording_id = "recording_1";
  job.metadata = R"({"שלום":1})";
  job.audio_seconds = 11.25;
  job.compute_seconds = 0.1;
  job.result = "result/1";
  job.warnings = {"one", "two \"quoted\""};
  job.failure = Failure{"bad_audio", "no audio"};
  job.dead_letter = true;
  return job;
}

TEST_P(JobStoreContract, KeepsEveryFieldOfAJob) {
  const Job job = full_job();
  EXPECT_EQ(create(job).status, Status::created);
  EXPECT_EQ(stored("job_full"), job);
  create(waiting_job("job_plain", 1));
  EXPECT_EQ(stored("job_plain"), waiting_job("job_plain", 1));
  EXPECT_FALSE(jobs().find("job_none"));
}

TEST_P(JobStoreContract, UpdateWritesEachFieldThatMayChange) {
  const Job full = full_job();
  const std::vector<std::function<void(Job&)>> changes = {
      [](Job& job) { job.state = State::failed; },
      [&](Job& job) { job.stage = "transcribing"; },
      [&](Job& job) { job.progress = full.progress; },
      [&](Job& job) { job.priority = 9; },
      [&](Job& job) { job.attempt = full.attempt; },
      [&](Job& job) { job.max_attempts = full.max_attempts; },
      [&](Job& job) { job.losses = full.losses; },
      [&](Job& job) { job.fence = full.fence; },
      [&](Job& job) { job.heartbeats = full.heartbeats; },
      [&](Job& job) { job.worker = full.worker; },
      [&](Job& job) { job.updated_at = at(9); },
      [&](Job& job) { job.available_at = full.available_at; },
      [&](Job& job) { job.queue_until = full.queue_until; },
      [&](Job& job) { job.started_at = full.started_at; },
      [&](Job& job) { job.finished_at = full.finished_at; },
      [&](Job& job) { job.time_limit = full.time_limit; },
      [&](Job& job) { job.source.blob = full.source.blob; },
      [&](Job& job) { job.source.url = full.source.url; },
      [&](Job& job) { job.source.name = full.source.name; },
      [&](Job& job) { job.source.bytes = full.source.bytes; },
      [&](Job& job) { job.model = full.model; },
      [&](Job& job) { job.options = full.options; },
      [&](Job& job) { job.metadata = full.metadata; },
      [&](Job& job) { job.audio_seconds = full.audio_seconds; },
      [&](Job& job) { job.compute_seconds = full.compute_seconds; },
      [&](Job& job) { job.result = full.result; },
      [&](Job& job) { job.warnings = full.warnings; },
      [&](Job& job) { job.failure = full.failure; },
      [&](Job& job) { job.dead_letter = full.dead_letter; },
      [&](Job& job) { job.failure.reset(); },
      [&](Job& job) { job.queue_until.reset(); },
  };
  create(waiting_job("job_1", 1));
  for (const auto& how : changes) {
    const Job changed = change("job_1", how);
    EXPECT_EQ(stored("job_1"), changed);
  }
}

TEST_P(JobStoreContract, UpdateOfAnOldVersionChangesNothing) {
  create(waiting_job("job_1", 1));
  Job first = stored("job_1");
  Job second = first;
  first.stage = "fetching";
  EXPECT_TRUE(jobs().update(first, {}));
  EXPECT_EQ(first.version, second.version + 1);
  second.stage = "late";
  std::array<Event, 1> events{event("status", "{}", at(1))};
  EXPECT_FALSE(jobs().update(second, events));
  EXPECT_EQ(second.version, first.version - 1);
  EXPECT_EQ(stored("job_1"), first);
  EXPECT_EQ(store_->events().events_of("job_1", 0, 10).size(), 1u);

  Job missing = waiting_job("job_none", 1);
  EXPECT_FALSE(jobs().update(missing, events));
}

TEST_P(JobStoreContract, UpdateAddsItsUsageOnce) {
  create(waiting_job("job_1", 1));
  Job first = stored("job_1");
  Job late = first;
  const Usage more{.owner = "ann", .key_id = "key_ann", .day = "2026-11-25", .jobs = 1};
  EXPECT_TRUE(jobs().update(first, {}, more));
  EXPECT_FALSE(jobs().update(late, {}, more));
  EXPECT_THAT(store_->usage().list("ann", "2026-01-01", "2026-12-31"), ElementsAre(more));
}

TEST_P(JobStoreContract, UpdateLeavesWhoseJobItIs) {
  create(waiting_job("job_1", 1));
  const Job before = stored("job_1");
  const Job after = change("job_1", [](Job& job) {
    job.owner = "eve";
    job.recording_id = "recording_2";
    job.priority = 2;
  });
  EXPECT_EQ(stored("job_1").owner, before.owner);
  EXPECT_EQ(stored("job_1").recording_id, before.recording_id);
  EXPECT_EQ(stored("job_1").priority, 2);
}

TEST_P(JobStoreContract, OneOfManyWritersOfAVersionWins) {
  constexpr int kThreads = 20;
  constexpr int kRounds = 10;
  create(waiting_job("job_1", 1));
  for (int round = 0; round < kRounds; ++round) {
    const Job read = stored("job_1");
    std::atomic<int> winners = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        Job mine = read;
        mine.worker = "worker_" + std::to_string(i);
        std::array<Event, 1> events{event("status", mine.worker, at(1))};
        if (jobs().update(mine, events)) ++winners;
      });
    }
    threads.clear();
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(stored("job_1").version, read.version + 1);
    EXPECT_EQ(store_->events().events_of("job_1", 0, 100).back().data, stored("job_1").worker);
  }
  EXPECT_EQ(store_->events().events_of("job_1", 0, 100).size(), 1u + kRounds);
}

TEST_P(JobStoreContract, EraseKeepsWhatHasNotEndedOrHasChanged) {
  create(waiting_job("job_1", 1));
  EXPECT_FALSE(jobs().erase(stored("job_1")));
  EXPECT_FALSE(jobs().erase(claim("job_1")));
  const Job failed = change("job_1", [](Job& job) { job.state = State::failed; });
  change("job_1", [](Job& job) { job.state = State::pending; });
  EXPECT_FALSE(jobs().erase(failed)) << "it was sent again";
  Job again = end("job_1", State::failed, 2);
  EXPECT_FALSE(jobs().erase(failed)) << "it was sent again and has failed again";
  EXPECT_TRUE(jobs().erase(again));
}

TEST_P(JobStoreContract, EraseForgetsJobEventsAndKey) {
  const IdempotencyKey key{"k", "f"};
  create(waiting_job("job_1", 1), key);
  const Job job = end("job_1", State::completed, 2);
  EXPECT_TRUE(jobs().erase(job));
  EXPECT_FALSE(jobs().erase(job));
  EXPECT_FALSE(jobs().find("job_1"));
  EXPECT_THAT(store_->events().events_since({}, 10), IsEmpty());
  EXPECT_THAT(jobs().depths(), IsEmpty());
  EXPECT_EQ(create(waiting_job("job_2", 1), key).status, Status::created);
}

}  // namespace
}  // namespace steno
