#include <atomic>
#include <thread>

#include "unit/store/store_contract.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Outcome = Creation::Outcome;

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

TEST_P(StoreContract, KeepsEveryFieldOfAJob) {
  const Job job = full_job();
  EXPECT_EQ(create(job).outcome, Outcome::created);
  EXPECT_EQ(stored("job_full"), job);
  create(waiting_job("job_plain", 1));
  EXPECT_EQ(stored("job_plain"), waiting_job("job_plain", 1));
  EXPECT_FALSE(jobs().find("job_none"));
}

TEST_P(StoreContract, KnowsWhoseAudioABlobIs) {
  create(full_job());
  create(waiting_job("job_plain", 1));
  EXPECT_EQ(jobs().find_by_blob("audio/1"), "job_full");
  EXPECT_EQ(jobs().find_by_blob("audio/2"), std::nullopt);
  EXPECT_EQ(jobs().find_by_blob(""), std::nullopt);
}

TEST_P(StoreContract, UpdateWritesEachFieldThatMayChange) {
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

TEST_P(StoreContract, UpdateOfAnOldVersionChangesNothing) {
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
  EXPECT_EQ(jobs().events_of("job_1", 0, 10).size(), 1u);

  Job missing = waiting_job("job_none", 1);
  EXPECT_FALSE(jobs().update(missing, events));
}

TEST_P(StoreContract, UpdateAddsItsUsageOnce) {
  create(waiting_job("job_1", 1));
  Job first = stored("job_1");
  Job late = first;
  const Usage more{.owner = "ann", .key_id = "key_ann", .day = "2026-11-25", .jobs = 1};
  EXPECT_TRUE(jobs().update(first, {}, more));
  EXPECT_FALSE(jobs().update(late, {}, more));
  EXPECT_THAT(store_->usage().list("ann", "2026-01-01", "2026-12-31"), ElementsAre(more));
}

TEST_P(StoreContract, UpdateLeavesWhoseJobItIs) {
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

TEST_P(StoreContract, OneOfManyWritersOfAVersionWins) {
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
    EXPECT_EQ(jobs().events_of("job_1", 0, 100).back().data, stored("job_1").worker);
  }
  EXPECT_EQ(jobs().events_of("job_1", 0, 100).size(), 1u + kRounds);
}

TEST_P(StoreContract, EventsAreNumberedPerJobAndPlacedOverAll) {
  create(waiting_job("job_1", 1));
  create(waiting_job("job_2", 1));
  Job job = stored("job_1");
  std::array<Event, 2> events{event("progress", R"({"progress":1})", at(2)),
                              event("segment", R"({"id":0})", at(3))};
  ASSERT_TRUE(jobs().update(job, events));
  EXPECT_EQ(events[0].number, 2);
  EXPECT_EQ(events[1].number, 3);
  EXPECT_EQ(events[1].position, events[0].position + 1);
  EXPECT_EQ(jobs().last_position(), events[1].position);

  const auto of_job = jobs().events_of("job_1", 1, 10);
  ASSERT_EQ(of_job.size(), 2u);
  EXPECT_EQ(of_job[1].job_id, "job_1");
  EXPECT_EQ(of_job[1].number, 3);
  EXPECT_EQ(of_job[1].position, events[1].position);
  EXPECT_EQ(of_job[1].type, "segment");
  EXPECT_EQ(of_job[1].data, R"({"id":0})");
  EXPECT_EQ(of_job[1].at, at(3));
  EXPECT_EQ(jobs().events_of("job_1", 0, 2).size(), 2u);

  const auto all = jobs().events_since(0, 10);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1].job_id, "job_2");
  EXPECT_EQ(all[1].number, 1);
  EXPECT_EQ(jobs().events_since(all[1].position, 1).at(0).position, all[2].position);
}

TEST_P(StoreContract, APositionIsNeverGivenAgain) {
  EXPECT_EQ(jobs().last_position(), 0);
  create(waiting_job("job_1", 1));
  const int64_t before = jobs().last_position();
  jobs().erase("job_1");
  create(waiting_job("job_2", 1));
  EXPECT_GT(jobs().last_position(), before);
}

TEST_P(StoreContract, EraseForgetsJobEventsAndKey) {
  const IdempotencyKey key{"k", "f"};
  create(waiting_job("job_1", 1), key);
  EXPECT_TRUE(jobs().erase("job_1"));
  EXPECT_FALSE(jobs().erase("job_1"));
  EXPECT_FALSE(jobs().find("job_1"));
  EXPECT_THAT(jobs().events_since(0, 10), IsEmpty());
  EXPECT_THAT(jobs().depths(), IsEmpty());
  EXPECT_EQ(create(waiting_job("job_2", 1), key).outcome, Outcome::created);
}

TEST_P(StoreContract, TheSameSubmissionTwiceIsOneJob) {
  EXPECT_EQ(create(waiting_job("job_1", 1), IdempotencyKey{"k", "f"}).job_id, "job_1");
  const auto again = create(waiting_job("job_2", 2), IdempotencyKey{"k", "f"});
  EXPECT_EQ(again.outcome, Outcome::repeated);
  EXPECT_EQ(again.job_id, "job_1");
  EXPECT_EQ(create(waiting_job("job_3", 3), IdempotencyKey{"k", "other"}).outcome,
            Outcome::other_content);
  EXPECT_FALSE(jobs().find("job_2"));
  EXPECT_FALSE(jobs().find("job_3"));
  // Another owner's keys are others.
  EXPECT_EQ(create(waiting_job("job_4", 4, "bob"), IdempotencyKey{"k", "f"}).job_id, "job_4");
}

TEST_P(StoreContract, AnIdempotencyKeyIsForgottenAfterItsTime) {
  create(waiting_job("job_1", 0), IdempotencyKey{"k", "f"});
  EXPECT_EQ(create(waiting_job("job_2", 86'399), IdempotencyKey{"k", "f"}).job_id, "job_1");
  EXPECT_EQ(create(waiting_job("job_3", 86'400), IdempotencyKey{"k", "other"}).job_id, "job_3");
  EXPECT_EQ(create(waiting_job("job_4", 86'401), IdempotencyKey{"k", "other"}).job_id, "job_3");
}

TEST_P(StoreContract, AFullQueueTakesNoMore) {
  const QueueLimits limits{.in_all = 3, .per_owner = 2};
  EXPECT_EQ(create(waiting_job("job_1", 1, "ann", 1), {}, limits).outcome, Outcome::created);
  EXPECT_EQ(create(waiting_job("job_2", 1, "ann", 2), {}, limits).outcome, Outcome::created);
  EXPECT_EQ(create(waiting_job("job_3", 1, "ann"), {}, limits).outcome, Outcome::owner_queue_full);
  EXPECT_EQ(create(waiting_job("job_4", 1, "bob"), {}, limits).outcome, Outcome::created);
  EXPECT_EQ(create(waiting_job("job_5", 1, "cem"), {}, limits).outcome, Outcome::queue_full);
  claim("job_1");
  EXPECT_EQ(create(waiting_job("job_6", 1, "cem"), {}, limits).outcome, Outcome::created);
  // Given back, it counts again.
  change("job_1", [](Job& job) { job.state = State::pending; });
  EXPECT_EQ(create(waiting_job("job_7", 1, "dan"), {}, limits).outcome, Outcome::queue_full);
  EXPECT_FALSE(jobs().find("job_7"));
}

TEST_P(StoreContract, SaysBeforehandThatTheQueueIsFull) {
  const QueueLimits limits{.in_all = 2, .per_owner = 1};
  const auto refusal = [&](const char* owner, std::optional<std::string> key = {}, int second = 2) {
    return jobs().refusal(owner, key, at(second), limits);
  };
  EXPECT_EQ(refusal("ann"), std::nullopt);
  create(waiting_job("job_1", 1, "ann"), IdempotencyKey{"k", "f"}, limits);
  EXPECT_EQ(refusal("ann"), Outcome::owner_queue_full);
  EXPECT_EQ(refusal("ann", "other"), Outcome::owner_queue_full);
  EXPECT_EQ(refusal("ann", "k"), std::nullopt);
  EXPECT_EQ(refusal("ann", "k", 86'401), Outcome::owner_queue_full);
  EXPECT_EQ(refusal("bob"), std::nullopt);
  create(waiting_job("job_2", 1, "bob"), {}, limits);
  EXPECT_EQ(refusal("cem", "k"), Outcome::queue_full);
}

TEST_P(StoreContract, ARepeatedSubmissionIsFoundInAFullQueue) {
  create(waiting_job("job_1", 1), IdempotencyKey{"k", "f"});
  const auto again =
      create(waiting_job("job_2", 1), IdempotencyKey{"k", "f"}, {.in_all = 1, .per_owner = 1});
  EXPECT_EQ(again.outcome, Outcome::repeated);
}

TEST_P(StoreContract, ANewJobNeedsANewId) {
  create(waiting_job("job_1", 1));
  EXPECT_THROW(create(waiting_job("job_1", 1)), StoreError);
  EXPECT_EQ(jobs().events_since(0, 10).size(), 1u);
}

}  // namespace
}  // namespace steno
