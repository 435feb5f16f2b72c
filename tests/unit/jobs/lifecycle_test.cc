#include "jobs/lifecycle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/checkpoint_keys.h"
#include "jobs/unredacted.h"
#include "unit/blob/full_disk.h"
#include "unit/jobs/job_world.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Json = nlohmann::json;

std::vector<std::string> types(const std::vector<Event>& events) {
  std::vector<std::string> all;
  for (const Event& event : events) all.push_back(event.type);
  return all;
}

std::vector<std::string> segments(std::initializer_list<const char*> texts) {
  std::vector<std::string> all;
  for (const char* text : texts) all.push_back(Json{{"text", text}}.dump());
  return all;
}

TEST(Lifecycle, KeepsTheNameThatAJobHasAlready) {
  JobWorld world;
  Job given;
  given.id = new_job_id(world.clock.now());
  EXPECT_TRUE(given.id.starts_with("job_"));
  EXPECT_EQ(world.submit(given), given.id);
  EXPECT_EQ(world.job(given.id).state, State::pending);
}

TEST(Lifecycle, TakesAJobFromItsSubmissionToItsEnd) {
  JobWorld world;
  Job given;
  given.state = State::completed;
  given.source.bytes = 1000;
  const std::string id = world.submit(given);
  EXPECT_TRUE(id.starts_with("job_"));
  EXPECT_EQ(world.job(id).state, State::pending);
  EXPECT_EQ(world.job(id).stage, "queued");
  EXPECT_TRUE(world.queue->pop(Milliseconds(0), {}));

  Lease lease = world.claim(id);
  EXPECT_EQ(lease.job.state, State::processing);
  EXPECT_EQ(lease.job.stage, "loading");
  EXPECT_EQ(lease.job.attempt, 1);
  EXPECT_EQ(lease.job.worker, "w1");
  EXPECT_EQ(world.lifecycle.advance(lease, "transcribing", 50, segments({"a", "b"})),
            LeaseStatus::kept);
  const std::string key = result_key(id, lease.fence);
  world.put(key);
  EXPECT_EQ(world.lifecycle.complete(lease, {key, 12.5, {"noisy"}}, 3), LeaseStatus::kept);

  const Job job = world.job(id);
  EXPECT_EQ(job.state, State::completed);
  EXPECT_EQ(job.progress, 100);
  EXPECT_EQ(job.result, key);
  EXPECT_EQ(job.worker, "");
  EXPECT_EQ(job.finished_at, world.clock.now());
  EXPECT_THAT(job.warnings, ElementsAre("noisy"));
  EXPECT_EQ(job.compute_seconds, 3);
  EXPECT_TRUE(world.has_blob(key));

  EXPECT_THAT(types(world.events(id)),
              ElementsAre("status", "status", "segment", "segment", "progress", "status", "end"));
  EXPECT_EQ(world.data(id, "segment")[1], (Json{{"index", 1}, {"text", "b"}}));
  EXPECT_EQ(world.data(id, "progress")[0], (Json{{"stage", "transcribing"}, {"progress", 50}}));
  EXPECT_EQ(
      world.data(id, "status")[1],
      (Json{{"status", "processing"}, {"stage", "loading"}, {"progress", 0}, {"attempt", 1}}));
  EXPECT_EQ(world.data(id, "end")[0], (Json{{"status", "completed"}}));
  const Usage usage = world.usage();
  EXPECT_EQ(usage.jobs, 1);
  EXPECT_EQ(usage.failures, 0);
  EXPECT_EQ(usage.bytes, 1000);
  EXPECT_EQ(usage.audio_seconds, 12.5);
  EXPECT_EQ(usage.compute_seconds, 3);
}

TEST(Lifecycle, NotifiesAfterEachChange) {
  JobWorld world;
  const std::string id = world.submit();
  EXPECT_EQ(world.event_notifier.notifications(), 1);
  Lease lease = world.claim(id);
  EXPECT_EQ(world.event_notifier.notifications(), 2);
  world.lifecycle.heartbeat(lease);
  EXPECT_EQ(world.event_notifier.notifications(), 2);
}

TEST(Lifecycle, ClaimsOnce) {
  JobWorld world;
  const std::string id = world.submit();
  EXPECT_TRUE(world.try_claim(id, "w1"));
  EXPECT_FALSE(world.try_claim(id, "w2"));
  EXPECT_FALSE(world.try_claim("job_none", "w2"));
}

TEST(Lifecycle, NeverGoesBackWithinAnAttempt) {
  JobWorld world;
  const std::string id = world.submit();
  Lease lease = world.claim(id);
  world.lifecycle.advance(lease, "transcribing", 40);
  const int64_t heartbeats = world.job(id).heartbeats;
  world.lifecycle.advance(lease, "loading", 30);
  EXPECT_EQ(world.job(id).stage, "transcribing");
  EXPECT_EQ(world.job(id).progress, 40);
  EXPECT_EQ(world.job(id).heartbeats, heartbeats + 1);
  EXPECT_THAT(world.data(id, "progress"), SizeIs(1));
  EXPECT_THROW(world.lifecycle.advance(lease, "dreaming", 50), std::invalid_argument);
}

TEST(Lifecycle, HeartbeatsChangeOnlyTheCounter) {
  JobWorld world;
  const std::string id = world.submit();
  Lease lease = world.claim(id);
  const Job before = world.job(id);
  world.clock.advance(Milliseconds(5000));
  EXPECT_EQ(world.lifecycle.heartbeat(lease), LeaseStatus::kept);
  Job after = world.job(id);
  EXPECT_EQ(after.heartbeats, before.heartbeats + 1);
  after.heartbeats = before.heartbeats;
  after.version = before.version;
  EXPECT_EQ(after, before);
}

TEST(Lifecycle, TriesAgainWhatMayPass) {
  JobPolicy policy;
  policy.retry_base = Milliseconds(1000);
  policy.retry_most = Milliseconds(1500);
  JobWorld world(policy);
  const std::string id = world.submit();
  for (int attempt = 1; attempt <= 3; ++attempt) {
    world.clock.advance(Milliseconds(2000));
    Lease lease = world.claim(id);
    EXPECT_EQ(lease.job.attempt, attempt);
    const Time now = world.clock.now();
    EXPECT_EQ(world.lifecycle.fail(lease, {"io", "no disk"}, Retry::yes, 2), LeaseStatus::kept);
    if (attempt == 3) break;
    const Job job = world.job(id);
    EXPECT_EQ(job.state, State::pending);
    EXPECT_EQ(job.progress, 0);
    EXPECT_GE(job.available_at, now);
    EXPECT_LE(job.available_at, now + Milliseconds(attempt == 1 ? 1000 : 1500));
  }
  const Job job = world.job(id);
  EXPECT_EQ(job.state, State::failed);
  EXPECT_TRUE(job.dead_letter);
  EXPECT_EQ(job.compute_seconds, 6);
  EXPECT_EQ(world.usage().compute_seconds, 6);
  EXPECT_EQ(world.usage().failures, 1);
  EXPECT_EQ(world.data(id, "status")[2]["error"]["code"], "io");
  EXPECT_THAT(
      world.data(id, "end"),
      ElementsAre(Json{{"status", "failed"}, {"error", {{"code", "io"}, {"message", "no disk"}}}}));
}

TEST(Lifecycle, FailsAtOnceWhatCannotPass) {
  JobWorld world;
  const std::string id = world.submit();
  Lease lease = world.claim(id);
  world.lifecycle.fail(lease, {"bad_audio", "not audio"}, Retry::no, 1);
  EXPECT_EQ(world.job(id).state, State::failed);
  EXPECT_FALSE(world.job(id).dead_letter);
  EXPECT_EQ(world.lifecycle.discard(id).error().code, Errc::conflict);
}

TEST(Lifecycle, GivesBackAsIfItHadNotBeenClaimed) {
  JobWorld world;
  const std::string id = world.submit();
  Lease lease = world.claim(id);
  world.lifecycle.advance(lease, "transcribing", 70);
  EXPECT_EQ(world.lifecycle.give_back(lease), LeaseStatus::kept);
  const Job job = world.job(id);
  EXPECT_EQ(job.state, State::pending);
  EXPECT_EQ(job.attempt, 0);
  EXPECT_EQ(job.progress, 0);
  EXPECT_EQ(job.available_at, world.clock.now());
  EXPECT_TRUE(world.queue->pop(Milliseconds(0), {}));
  EXPECT_EQ(world.claim(id).job.attempt, 1);
}

TEST(Lifecycle, ReportsEachSegmentOnceInAllAttempts) {
  JobWorld world;
  const std::string id = world.submit();
  Lease first = world.claim(id);
  world.lifecycle.advance(first, "transcribing", 10, segments({"a", "b"}));
  world.lifecycle.give_back(first);
  Lease second = world.claim(id);
  EXPECT_EQ(second.reported, 2u);
  world.lifecycle.advance(second, "transcribing", 5, segments({"a"}));
  world.lifecycle.advance(second, "transcribing", 20, segments({"b", "c"}), 1);
  world.lifecycle.advance(second, "transcribing", 30, segments({"d"}), 3);
  const auto told = world.data(id, "segment");
  ASSERT_THAT(told, SizeIs(4));
  for (size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i]["index"], i);
    EXPECT_EQ(told[i]["text"], std::string(1, static_cast<char>('a' + i)));
  }
}

TEST(Lifecycle, LetsNoLateWorkerWrite) {
  JobWorld world;
  const std::string id = world.submit();
  Lease late = world.claim(id, "w1");
  EXPECT_EQ(world.lifecycle.lost_worker("w1"), 1);
  world.clock.advance(Milliseconds(10'000));
  Lease lease = world.claim(id, "w2");
  const Job before = world.job(id);

  const std::string key = result_key(id, late.fence);
  world.put(key);
  EXPECT_EQ(world.lifecycle.look(late), LeaseStatus::lost);
  EXPECT_EQ(world.lifecycle.heartbeat(late), LeaseStatus::lost);
  EXPECT_EQ(world.lifecycle.advance(late, "storing", 99, segments({"x"})), LeaseStatus::lost);
  EXPECT_EQ(world.lifecycle.fetched(late, {"audio/x", "", "x", 1}), LeaseStatus::lost);
  EXPECT_EQ(world.lifecycle.give_back(late), LeaseStatus::lost);
  EXPECT_EQ(world.lifecycle.fail(late, {"io", ""}, Retry::yes, 1), LeaseStatus::lost);
  EXPECT_EQ(world.lifecycle.complete(late, {key, 1, {}}, 1), LeaseStatus::lost);
  EXPECT_EQ(world.job(id), before);
  EXPECT_FALSE(world.has_blob(key));
  EXPECT_EQ(world.usage().compute_seconds, 2);
  EXPECT_EQ(world.lifecycle.look(lease), LeaseStatus::kept);
}

TEST(Lifecycle, KeepsOnlyTheResultThatCounts) {
  JobWorld world;
  const std::string id = world.submit();
  Lease first = world.claim(id);
  world.put(result_key(id, first.fence));
  world.lifecycle.lost_worker("w1");
  Lease second = world.claim(id);
  const std::string key = result_key(id, second.fence);
  world.put(key);
  world.lifecycle.complete(second, {key, 1, {}}, 1);
  EXPECT_FALSE(world.has_blob(result_key(id, first.fence)));
  EXPECT_TRUE(world.has_blob(key));
}

TEST(Lifecycle, AcceptsACompletionTwice) {
  JobWorld world;
  const std::string id = world.submit();
  Lease lease = world.claim(id);
  Lease again = lease;
  const std::string key = result_key(id, lease.fence);
  world.put(key);
  EXPECT_EQ(world.lifecycle.complete(lease, {key, 1, {}}, 1), LeaseStatus::kept);
  EXPECT_EQ(world.lifecycle.complete(again, {key, 1, {}}, 1), LeaseStatus::kept);
  EXPECT_TRUE(world.has_blob(key));
  EXPECT_THAT(world.data(id, "end"), SizeIs(1));
}

TEST(Lifecycle, CountsARepeatedFailureOnce) {
  for (const Retry retry : {Retry::no, Retry::yes}) {
    JobWorld world;
    const std::string id = world.submit();
    Lease lease = world.claim(id);
    Lease again = lease;
    EXPECT_EQ(world.lifecycle.fail(lease, {"io", "no"}, retry, 2), LeaseStatus::kept);
    EXPECT_EQ(world.lifecycle.fail(again, {"io", "no"}, retry, 2), LeaseStatus::kept);
    EXPECT_EQ(again.job, world.job(id));
    EXPECT_EQ(world.usage().jobs, retry == Retry::no ? 1 : 0);
    EXPECT_EQ(world.usage().failures, retry == Retry::no ? 1 : 0);
    EXPECT_EQ(world.usage().compute_seconds, 2);
  }
}

TEST(Lifecycle, CancelsWhatHasNotEnded) {
  JobWorld world;
  const std::string waiting = world.submit();
  EXPECT_EQ(world.lifecycle.cancel(waiting)->state, State::cancelled);
  EXPECT_EQ(world.lifecycle.cancel(waiting).error().code, Errc::conflict);
  EXPECT_EQ(world.lifecycle.cancel("job_none").error().code, Errc::not_found);
  EXPECT_FALSE(world.lifecycle.claim_next("w1"));

  const std::string running = world.submit();
  Lease lease = world.claim(running);
  EXPECT_TRUE(world.lifecycle.cancel(running));
  EXPECT_EQ(world.lifecycle.look(lease), LeaseStatus::cancelled);
  const std::string key = result_key(running, lease.fence);
  world.put(key);
  EXPECT_EQ(world.lifecycle.complete(lease, {key, 1, {}}, 4), LeaseStatus::cancelled);
  EXPECT_EQ(world.job(running).state, State::cancelled);
  EXPECT_FALSE(world.has_blob(key));
  EXPECT_EQ(world.usage().jobs, 2);
  EXPECT_EQ(world.usage().compute_seconds, 4);
}

TEST(Lifecycle, CountsRepeatedWorkOnACancelledJobOnce) {
  JobWorld world;
  const std::string id = world.submit();
  Lease first = world.claim(id);
  EXPECT_EQ(world.lifecycle.fail(first, {"io", "no"}, Retry::yes, 1), LeaseStatus::kept);
  world.clock.advance(Milliseconds(10'000));
  const Lease lease = world.claim(id);
  EXPECT_TRUE(world.lifecycle.cancel(id));
  world.lifecycle.abandon(lease, 2);
  world.lifecycle.abandon(lease, 3);  // later, when the call is repeated
  EXPECT_EQ(world.job(id).compute_seconds, 3);
  EXPECT_EQ(world.usage().compute_seconds, 3);
  EXPECT_EQ(world.usage().jobs, 1);
}

TEST(Lifecycle, CountsTheWorkOnAJobThatIsGone) {
  JobWorld world;
  const std::string id = world.submit();
  const Lease lease = world.claim(id);
  EXPECT_TRUE(world.lifecycle.cancel(id));
  EXPECT_TRUE(world.lifecycle.purge(id));
  world.lifecycle.abandon(lease, 2);
  EXPECT_EQ(world.usage().compute_seconds, 2);
}

TEST(Lifecycle, KeepsCheckpointsUntilTheJobEnds) {
  JobWorld world;
  const std::string id = world.submit();
  const std::string part = checkpoint_prefix(id) + "words.1.0";
  Lease lease = world.claim(id);
  world.put(part);
  world.lifecycle.give_back(lease);
  EXPECT_TRUE(world.has_blob(part));
  lease = world.claim(id);
  world.lifecycle.fail(lease, {"unavailable", "later"}, Retry::yes, 1);
  EXPECT_TRUE(world.has_blob(part));
  EXPECT_TRUE(world.lifecycle.cancel(id));
  EXPECT_FALSE(world.has_blob(part));
}

TEST(Lifecycle, RemovesTheCheckpointOfACancelledJobOnceItsWorkHasStopped) {
  JobWorld world;
  const std::string id = world.submit();
  const std::string part = checkpoint_prefix(id) + "words.1.0";
  const Lease lease = world.claim(id);
  EXPECT_TRUE(world.lifecycle.cancel(id));
  world.put(part);  // the worker does not know yet
  world.lifecycle.abandon(lease, 1);
  EXPECT_FALSE(world.has_blob(part));
}

TEST(Lifecycle, LeavesTheCheckpointToTheNextAttempt) {
  JobWorld world;
  const std::string id = world.submit();
  const std::string part = checkpoint_prefix(id) + "words.1.0";
  const Lease lost = world.claim(id);
  world.put(part);
  world.lifecycle.lost_worker(lost.worker);
  world.lifecycle.abandon(lost, 1);
  EXPECT_TRUE(world.has_blob(part));
}

TEST(Lifecycle, PurgesJobAudioAndResults) {
  JobWorld world;
  world.put("audio/one");
  const std::string id = world.submit();
  EXPECT_EQ(world.lifecycle.purge(id).error().code, Errc::conflict);
  Lease lease = world.claim(id);
  EXPECT_EQ(world.lifecycle.purge(id).error().code, Errc::conflict);
  const std::string key = result_key(id, lease.fence);
  world.put(key);
  world.put(stage_key(id, "words"));
  world.lifecycle.complete(lease, {key, 1, {}}, 1);
  EXPECT_TRUE(world.has_blob(stage_key(id, "words")));
  EXPECT_TRUE(world.lifecycle.purge(id));
  EXPECT_FALSE(world.has_blob(stage_key(id, "words")));
  EXPECT_FALSE(world.store->jobs().find(id));
  EXPECT_THAT(world.events(id), IsEmpty());
  EXPECT_FALSE(world.has_blob(key));
  EXPECT_FALSE(world.has_blob("audio/one"));
  EXPECT_EQ(world.lifecycle.purge(id).error().code, Errc::not_found);
}

TEST(Lifecycle, SaysHowOftenARecordingHasKilledItsWorker) {
  JobPolicy policy;
  policy.max_losses = 4;
  JobWorld world(policy);
  const std::string id = world.submit();
  for (int loss = 1; loss <= 4; ++loss) {
    EXPECT_EQ(world.job(id).state, State::pending);
    const std::string worker = "w" + std::to_string(loss);
    world.claim(id, worker);
    EXPECT_EQ(world.lifecycle.lost_worker("somebody"), 0);
    EXPECT_EQ(world.lifecycle.lost_worker(worker), 1);
    EXPECT_EQ(world.job(id).losses, loss);
  }
  const Job job = world.job(id);
  EXPECT_TRUE(job.dead_letter);
  EXPECT_EQ(job.failure, (Failure{"worker_lost", "the worker died 4 times on this recording"}));
  EXPECT_EQ(world.lifecycle.send_again(id).value().losses, 0);
}

TEST(Lifecycle, KeepsAttemptsThatFailApartFromThoseThatEndWithTheirWorker) {
  JobWorld world;
  Job given;
  given.max_attempts = 2;
  const std::string id = world.submit(given);
  Lease lease = world.claim(id);
  world.lifecycle.fail(lease, {"io", "no"}, Retry::yes, 1);
  for (int loss = 1; loss <= 3; ++loss) {
    world.claim(id);
    EXPECT_EQ(world.lifecycle.lost_worker("w1"), 1);
    EXPECT_EQ(world.job(id).state, State::pending);
    EXPECT_EQ(world.job(id).attempt, 1);
  }
  world.claim(id);
  world.lifecycle.reap([](const Job&) { return true; });
  EXPECT_EQ(world.job(id).losses, 4);
  lease = world.claim(id);
  world.lifecycle.fail(lease, {"io", "no"}, Retry::yes, 1);
  EXPECT_TRUE(world.job(id).dead_letter);
}

TEST(Lifecycle, CountsNoAttemptThatEndedWithTheService) {
  JobWorld world;
  const std::string id = world.submit();
  for (int kill = 1; kill <= 20; ++kill) {
    ASSERT_TRUE(world.try_claim(id, "w1"));
    EXPECT_EQ(world.lifecycle.lost_worker("w1", LossCause::shutdown), 1);
    EXPECT_EQ(world.job(id).state, State::pending);
    EXPECT_EQ(world.job(id).attempt, 0);
    EXPECT_FALSE(world.job(id).failure);
  }
  // Who is there each time is not there by chance.
  world.claim(id);
  world.lifecycle.lost_worker("w1", LossCause::shutdown);
  EXPECT_EQ(world.job(id).losses, 1);
}

TEST(Lifecycle, PutsOffWhatMayKillItsWorker) {
  JobWorld world;
  const std::string id = world.submit();
  for (int loss = 1; loss <= 2; ++loss) {
    EXPECT_FALSE(is_suspect(world.job(id)));
    EXPECT_TRUE(world.try_claim(id, "w1", ClaimPolicy::defer_suspects));
    world.lifecycle.lost_worker("w1");
  }
  EXPECT_TRUE(is_suspect(world.job(id)));
  const size_t reported = world.events(id).size();
  EXPECT_FALSE(world.try_claim(id, "w2", ClaimPolicy::defer_suspects));
  EXPECT_EQ(world.job(id).state, State::pending);
  EXPECT_GT(world.job(id).available_at, world.clock.now());
  EXPECT_EQ(world.events(id).size(), reported);
  const auto lease = world.try_claim(id, "w2");
  ASSERT_TRUE(lease);
  EXPECT_TRUE(is_suspect(lease->job));
  EXPECT_TRUE(world.try_claim(world.submit(), "w2", ClaimPolicy::defer_suspects));
}

TEST(Lifecycle, KeepsNoFetchedAudioThatItsWorkerCouldNotRecord) {
  JobWorld world;
  Job given;
  given.source.url = "https://example.org/talk.mp3";
  const std::string id = world.submit(given);
  world.claim(id);
  world.put(fetched_audio_key(id, 1));
  world.lifecycle.lost_worker("w1");
  EXPECT_FALSE(world.has_blob(fetched_audio_key(id, 1)));

  Lease lease = world.claim(id);
  AudioSource fetched = given.source;
  fetched.blob = fetched_audio_key(id, 2);
  world.put(fetched.blob);
  EXPECT_EQ(world.lifecycle.fetched(lease, fetched), LeaseStatus::kept);
  world.lifecycle.lost_worker("w1");
  EXPECT_TRUE(world.has_blob(fetched.blob));
  lease = world.claim(id);
  world.lifecycle.give_back(lease);
  EXPECT_TRUE(world.has_blob(fetched.blob));
}

TEST(Lifecycle, ReapsOnlyWhatHasLapsedAndNotMovedSince) {
  JobWorld world;
  const std::string silent = world.submit();
  const std::string alive = world.submit();
  world.claim(silent);
  Lease lease = world.claim(alive);
  EXPECT_EQ(world.lifecycle.reap([&](const Job& job) {
    if (job.id == alive) world.lifecycle.heartbeat(lease);  // it moves behind the reaper's back
    return true;
  }),
            1);
  EXPECT_EQ(world.job(silent).state, State::pending);
  EXPECT_EQ(world.job(alive).state, State::processing);
}

TEST(Lifecycle, SendsFailedJobsAgainWithAllAttemptsNew) {
  JobWorld world;
  Job given;
  given.max_attempts = 1;
  const std::string id = world.submit(given);
  EXPECT_EQ(world.lifecycle.send_again(id).error().code, Errc::conflict);
  Lease lease = world.claim(id);
  world.lifecycle.fail(lease, {"io", ""}, Retry::yes, 0);
  EXPECT_TRUE(world.job(id).dead_letter);
  const auto sent = world.lifecycle.send_again(id);
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->attempt, 0);
  EXPECT_FALSE(sent->dead_letter);
  EXPECT_EQ(sent->finished_at, std::nullopt);
  EXPECT_EQ(world.claim(id).job.attempt, 1);
}

TEST(Lifecycle, TakesDeadLettersOutOfTheList) {
  JobWorld world;
  Job given;
  given.max_attempts = 1;
  const std::string id = world.submit(given);
  Lease lease = world.claim(id);
  world.lifecycle.fail(lease, {"io", ""}, Retry::yes, 0);
  EXPECT_FALSE(world.lifecycle.discard(id)->dead_letter);
  EXPECT_EQ(world.job(id).state, State::failed);
  EXPECT_EQ(world.lifecycle.discard(id).error().code, Errc::conflict);
}

TEST(Lifecycle, FailsWhatWaitedTooLong) {
  JobWorld world;
  Job given;
  given.queue_until = world.clock.now() + Milliseconds(1000);
  const std::string first = world.submit(given);
  const std::string second = world.submit(given);
  EXPECT_EQ(world.lifecycle.expire(), 0);
  world.clock.advance(Milliseconds(1000));
  EXPECT_FALSE(world.try_claim(first, "w1"));
  EXPECT_EQ(world.job(first).failure->code, "queue_timeout");
  EXPECT_EQ(world.lifecycle.expire(), 1);
  EXPECT_EQ(world.job(second).state, State::failed);
  EXPECT_EQ(world.usage().failures, 2);
}

TEST(Lifecycle, LetsNoJobWaitForAClockThatWasSetBack) {
  JobWorld world;
  EXPECT_EQ(world.lifecycle.follow_clock(), 0);
  const std::string fresh = world.submit();
  const std::string tried = world.submit();
  Lease lease = world.claim(tried);
  world.lifecycle.fail(lease, {"io", "no disk"}, Retry::yes, 0);
  const auto back_off = world.job(tried).available_at - world.job(tried).updated_at;
  EXPECT_EQ(world.lifecycle.follow_clock(), 0);
  world.clock.advance(-std::chrono::hours(1));
  EXPECT_FALSE(world.lifecycle.claim_next("w1"));
  EXPECT_EQ(world.lifecycle.follow_clock(), 2);
  EXPECT_EQ(world.lifecycle.claim_next("w1").value().job.id, fresh);
  EXPECT_EQ(world.job(tried).available_at, world.clock.now() + back_off);
  EXPECT_EQ(world.lifecycle.follow_clock(), 0);
}

TEST(Lifecycle, DeletesAudioAtTheEndWhereItIsNotKept) {
  JobPolicy policy;
  policy.keep_audio = Milliseconds(0);
  JobWorld world(policy);
  world.put("audio/one");
  const std::string id = world.submit();
  Lease lease = world.claim(id);
  EXPECT_TRUE(world.has_blob("audio/one"));
  world.lifecycle.fail(lease, {"bad_audio", ""}, Retry::no, 0);
  EXPECT_FALSE(world.has_blob("audio/one"));
  EXPECT_EQ(world.job(id).source.blob, "");
  EXPECT_EQ(world.lifecycle.send_again(id).error().code, Errc::conflict);
}

TEST(Lifecycle, CleansWhatRetentionNoLongerKeeps) {
  JobPolicy policy;
  policy.keep_audio = Milliseconds(1000);
  policy.keep_results = Milliseconds(5000);
  JobWorld world(policy);
  world.put("audio/one");
  const std::string id = world.submit();
  Lease lease = world.claim(id);
  const std::string key = result_key(id, lease.fence);
  world.put(key);
  world.lifecycle.complete(lease, {key, 1, {}}, 1);
  EXPECT_EQ(world.lifecycle.clean(), 0);
  world.clock.advance(Milliseconds(1001));
  EXPECT_EQ(world.lifecycle.clean(), 1);
  EXPECT_FALSE(world.has_blob("audio/one"));
  EXPECT_TRUE(world.has_blob(key));
  EXPECT_EQ(world.job(id).source.blob, "");
  world.clock.advance(Milliseconds(5000));
  EXPECT_EQ(world.lifecycle.clean(), 1);
  EXPECT_FALSE(world.has_blob(key));
  EXPECT_FALSE(world.store->jobs().find(id));
}

TEST(Lifecycle, CleansWhatFailedToo) {
  JobPolicy policy;
  policy.keep_results = Milliseconds(5000);
  JobWorld world(policy);
  const std::string id = world.submit();
  Lease lease = world.claim(id);
  world.lifecycle.fail(lease, {"bad_audio", "no audio"}, Retry::no, 1);
  world.clock.advance(Milliseconds(5001));
  EXPECT_EQ(world.lifecycle.clean(), 1);
  EXPECT_FALSE(world.store->jobs().find(id));
}

TEST(Lifecycle, CleansExpiredUploads) {
  JobWorld world;
  Upload upload;
  upload.id = "upl_1";
  upload.owner = "ann";
  upload.blob = "audio/upl_1";
  upload.created_at = world.clock.now();
  upload.expires_at = upload.created_at + Milliseconds(1000);
  world.store->uploads().add(upload);
  EXPECT_EQ(world.lifecycle.clean(), 0);
  world.clock.advance(Milliseconds(1001));
  EXPECT_EQ(world.lifecycle.clean(), 1);
  EXPECT_FALSE(world.store->uploads().find("upl_1"));
}

/// A store that removes nothing while `is_locked` is set.
class LockedStore : public FullDisk {
 public:
  using FullDisk::FullDisk;
  bool is_locked = true;
  Result<void> remove(std::string_view key) override {
    if (is_locked) return fail(Errc::io, std::string(key) + ": cannot be removed");
    return FullDisk::remove(key);
  }
};

TEST(Lifecycle, ReportsWhatItCannotRemove) {
  auto owned = std::make_unique<LockedStore>(blob::make_memory_store());
  LockedStore& blobs = *owned;
  JobPolicy policy;
  policy.keep_audio = Milliseconds(0);
  JobWorld world(policy, std::move(owned));
  std::vector<std::pair<Duty, std::string>> failed;
  Lifecycle lifecycle(*world.store, *world.queue, *world.blobs, world.event_notifier, world.clock,
                      policy,
                      [&](Duty duty, std::string_view error) { failed.emplace_back(duty, error); });
  Job rerun;
  rerun.rerun_of = "job_before";
  const std::string id = world.submit(rerun);
  for (const auto& key : {std::string("audio/one"), unredacted_key(id, "words"),
                          checkpoint_prefix(id) + "words.1.0"}) {
    world.put(key);
  }
  EXPECT_TRUE(lifecycle.cancel(id));
  using testing::Contains;
  using testing::HasSubstr;
  using testing::Pair;
  EXPECT_THAT(failed, Contains(Pair(Duty::audio_removal, HasSubstr("audio/one"))));
  EXPECT_THAT(failed, Contains(Pair(Duty::unredacted_removal, HasSubstr("words"))));
  EXPECT_THAT(failed, Contains(Pair(Duty::checkpoint_removal, HasSubstr("words.1.0"))));

  failed.clear();
  lifecycle.clean();
  EXPECT_THAT(failed, ElementsAre(Pair(Duty::unredacted_removal, HasSubstr("words"))));
  failed.clear();
  blobs.is_locked = false;
  lifecycle.clean();
  EXPECT_THAT(failed, IsEmpty());
  EXPECT_FALSE(world.has_blob(unredacted_key(id, "words")));
}

TEST(Lifecycle, KnowsTheSameSubmissionAgain) {
  JobWorld world;
  Job job;
  job.source.blob = "audio/one";
  const IdempotencyKey key{"k", "print"};
  const Creation first = world.lifecycle.submit({.jobs = {job}, .key = key});
  const Creation second = world.lifecycle.submit({.jobs = {job}, .key = key});
  EXPECT_EQ(second.outcome, Creation::Outcome::repeated);
  EXPECT_EQ(second.jobs, first.jobs);
}

TEST(Lifecycle, SubmitsABatchWithOneNotification) {
  JobWorld world;
  JobSubmission batch;
  for (int i = 0; i < 5; ++i) {
    batch.jobs.emplace_back().owner = "ada";
    batch.jobs.back().batch_id = "bat_1";
  }
  const Creation creation = world.lifecycle.submit(batch);
  EXPECT_EQ(creation.outcome, Creation::Outcome::created);
  ASSERT_EQ(creation.jobs.size(), 5u);
  EXPECT_EQ(world.event_notifier.notifications(), 1);
  EXPECT_EQ(world.notifier.notifications(), 1);
  for (const Job& job : creation.jobs) {
    EXPECT_EQ(world.job(job.id), job);
    EXPECT_EQ(world.data(job.id, "status").at(0)["status"], "pending");
  }
}

TEST(Lifecycle, SubmitsNoJobOfABatchThatDoesNotFit) {
  JobPolicy policy;
  policy.limits.per_owner = 2;
  JobWorld world(policy);
  JobSubmission batch;
  for (int i = 0; i < 3; ++i) batch.jobs.emplace_back().owner = "ada";
  EXPECT_EQ(world.lifecycle.submit(batch).outcome, Creation::Outcome::owner_queue_full);
  EXPECT_THAT(world.store->jobs().list({}), IsEmpty());
  EXPECT_EQ(world.event_notifier.notifications(), 0);
  EXPECT_EQ(world.notifier.notifications(), 0);
}

TEST(Lifecycle, ClaimsOneAfterTheOtherByPriority) {
  JobWorld world;
  Job given;
  given.priority = 1;
  const std::string low = world.submit(given);
  given.priority = 9;
  const std::string high = world.submit(given);
  EXPECT_EQ(world.lifecycle.claim_next("w1").value().job.id, high);
  const auto lease = world.lifecycle.claim_next("w2");
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->job, world.job(low));
  EXPECT_EQ(lease->worker, "w2");
  EXPECT_EQ(lease->fence, 1);
  EXPECT_FALSE(world.lifecycle.claim_next("w3"));
}

TEST(Lifecycle, ClaimsOnlyWhatTheWorkerCanTake) {
  JobWorld world;
  Job given;
  given.source.blob = "audio/one";
  given.source.bytes = 1000;
  const std::string id = world.submit(given);
  EXPECT_FALSE(world.lifecycle.claim_next("w1", {.most_bytes = 999}));
  EXPECT_EQ(world.lifecycle.claim_next("w1", {.most_bytes = 1000}).value().job.id, id);
}

TEST(Lifecycle, ClaimsTheJobBehindOverdueAndDeferredOnes) {
  JobWorld world;
  const std::string suspect = world.submit();
  for (int loss = 1; loss <= 2; ++loss) {
    world.claim(suspect);
    world.lifecycle.lost_worker("w1");
  }
  world.clock.advance(Milliseconds(60'000));
  Job given;
  given.queue_until = world.clock.now();
  const std::string overdue = world.submit(given);
  world.clock.advance(Milliseconds(1));
  const std::string good = world.submit();
  const auto lease = world.lifecycle.claim_next("w2", {}, ClaimPolicy::defer_suspects);
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->job.id, good);
  EXPECT_EQ(world.job(overdue).failure->code, "queue_timeout");
  EXPECT_EQ(world.data(overdue, "end").size(), 1u);
  EXPECT_EQ(world.usage().failures, 1);
  EXPECT_EQ(world.job(suspect).state, State::pending);
  EXPECT_GT(world.job(suspect).available_at, world.clock.now());
}

TEST(Lifecycle, RepeatsTheHintsOfJobsThatWait) {
  JobWorld world;
  EXPECT_EQ(world.lifecycle.repeat_hints(Milliseconds(1000)), 0);
  world.submit();
  world.clock.advance(Milliseconds(1000));
  world.submit();
  EXPECT_EQ(world.lifecycle.repeat_hints(Milliseconds(1000)), 0);
  world.clock.advance(Milliseconds(1));
  const auto before = world.notifier.notifications();
  EXPECT_EQ(world.lifecycle.repeat_hints(Milliseconds(1000)), 1);
  EXPECT_EQ(world.notifier.notifications(), before + 1);
  world.lifecycle.claim_next("w1");
  EXPECT_EQ(world.lifecycle.repeat_hints(Milliseconds(1000)), 0);
}

}  // namespace
}  // namespace steno
