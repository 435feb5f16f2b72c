#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

#include "store/sqlite/migrations.h"
#include "store/sqlite/sqlite_connection.h"
#include "unit/base/temporary_folder.h"
#include "unit/jobs/job_world.h"

// The service of an earlier program was killed, and this program starts on its database.

namespace steno {
namespace {

constexpr size_t kMigrationsOfTheEarlierProgram = 7;

std::string insert_job(const std::string& id, const std::string& state, const std::string& more) {
  return "INSERT INTO jobs (id, owner, key_id, type, created_at, state, priority, available_at,"
         " source_blob, source_bytes, result, dead_letter, stage, progress, attempt, max_attempts,"
         " version, fence, beat, worker, updated_at, time_limit, source_url, source_name, model,"
         " options, metadata, audio_seconds, compute_seconds, warnings) VALUES ('" +
         id + "', 'ann', 'key_ann', 'transcription', 1, '" + state + "', 5, 1, 'audio/" + id +
         "', 4, " + more + ", 1, 0, '', '', 'base', '{}', '', 0, 0, '[]');";
}

std::string insert_event(const std::string& job, int number, const std::string& type,
                         const std::string& data) {
  return "INSERT INTO events (job_id, number, type, data, at) VALUES ('" + job + "', " +
         std::to_string(number) + ", '" + type + "', '" + data + "', 1);";
}

/// A finished, a waiting and a running job; the last has reported one segment.
void write_earlier_database(const std::filesystem::path& file) {
  std::ofstream(file).close();
  sqlite::Connection connection(file, Milliseconds(5000));
  ASSERT_TRUE(migrate(connection, sqlite::migrations().first(kMigrationsOfTheEarlierProgram)));
  connection.run(insert_job("job_done", "completed",
                            "'results/job_done/1.json', 0, 'done', 100, 1, 3, 5, 1, 9, ''") +
                 insert_job("job_waits", "pending", "'', 0, 'queued', 0, 0, 3, 0, 0, 0, ''") +
                 insert_job("job_runs", "processing",
                            "'', 0, 'transcribing', 40, 2, 3, 8, 2, 17, 'worker-earlier'") +
                 insert_event("job_runs", 1, "status", R"({"status":"processing"})") +
                 insert_event("job_runs", 2, "segment", R"({"index":0,"text":"a"})"));
}

TEST(Upgrade, FinishesTheJobsOfAnEarlierProgram) {
  const TemporaryFolder folder;
  write_earlier_database(folder / "steno.db");
  const auto store = open_sqlite(folder / "steno.db").value();
  JobWorld world;  // for everything but the store
  const auto queue = make_database_queue(store->jobs(), world.notifier, world.clock);
  Lifecycle lifecycle(*store, *queue, *world.blobs, world.event_notifier, world.clock, {});
  const auto job = [&](const std::string& id) { return store->jobs().find(id).value(); };

  EXPECT_EQ(job("job_done").state, State::completed);
  EXPECT_EQ(job("job_done").result, "results/job_done/1.json");
  EXPECT_EQ(lifecycle.lost_worker("worker-earlier", LossCause::shutdown), 1);
  EXPECT_EQ(job("job_runs").state, State::pending);
  EXPECT_EQ(job("job_runs").attempt, 1) << "the end of the service costs no attempt";

  std::set<std::string> claimed;
  while (auto lease = lifecycle.claim_next("worker-new")) {
    claimed.insert(lease->job.id);
    const std::vector<std::string> segments = {R"({"text":"a"})", R"({"text":"b"})"};
    EXPECT_EQ(lifecycle.advance(*lease, "transcribing", 50, segments), LeaseStatus::kept);
    const std::string key = result_key(lease->job.id, lease->fence);
    world.put(key);
    EXPECT_EQ(lifecycle.complete(*lease, {key, 1, {}}, 1), LeaseStatus::kept);
  }
  EXPECT_EQ(claimed, (std::set<std::string>{"job_waits", "job_runs"}));
  int reported = 0;
  int64_t last = 0;
  for (const Event& event : store->events().events_of("job_runs", 0, 100)) {
    EXPECT_EQ(event.number, ++last);
    reported += event.type == "segment" ? 1 : 0;
  }
  EXPECT_EQ(reported, 2) << "the segment that was reported is not repeated";
  EXPECT_TRUE(store->administration().check());
}

}  // namespace
}  // namespace steno
