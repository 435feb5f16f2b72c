#include "worker/housekeeping.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <thread>

#include "telemetry/log.h"
#include "unit/base/temporary_folder.h"
#include "unit/base/until.h"
#include "unit/jobs/job_world.h"
#include "worker/proof_of_life.h"

namespace steno {
namespace {

using namespace std::chrono_literals;

struct House {
  House() {
    options.workers = folder.path();
    options.every = 2ms;
    options.clean_every = 2ms;
  }
  TemporaryFolder folder;
  JobWorld world{[] {
    JobPolicy policy;
    policy.keep_audio = 1000ms;
    return policy;
  }()};
  Log log{LogLevel::error};
  HousekeepingOptions options;
};

TEST(Housekeeping, TakesJobsFromDeadWorkersAlone) {
  House house;
  const auto alive = ProofOfLife::take(house.folder.path(), "alive").value();
  std::ofstream(house.folder / "dead.lock");
  const std::string lost = house.world.submit();
  const std::string held = house.world.submit();
  house.world.claim(lost, "dead");
  house.world.claim(held, "alive");
  const Housekeeping housekeeping(house.world.lifecycle, house.log, house.options);
  EXPECT_TRUE(until([&] { return house.world.job(lost).state == State::pending; }));
  EXPECT_TRUE(until([&] { return !std::filesystem::exists(house.folder / "dead.lock"); }));
  EXPECT_EQ(house.world.job(held).state, State::processing);
}

TEST(Housekeeping, CountsLossesOnlyOfWorkersThatItHasOutlived) {
  House house;
  std::ofstream(house.folder / "before.lock");
  const std::string before = house.world.submit();
  house.world.claim(before, "before");
  const Housekeeping housekeeping(house.world.lifecycle, house.log, house.options);
  ASSERT_TRUE(until([&] { return house.world.job(before).state == State::pending; }));
  EXPECT_EQ(house.world.job(before).losses, 0);
  const std::string since = house.world.submit();
  house.world.claim(since, "since");
  std::ofstream(house.folder / "since.lock");
  ASSERT_TRUE(until([&] { return house.world.job(since).state == State::pending; }));
  EXPECT_EQ(house.world.job(since).losses, 1);
}

TEST(Housekeeping, TakesJobsFromSilentWorkers) {
  House house;
  house.options.lease = 50ms;
  const std::string id = house.world.submit();
  house.world.claim(id, "silent");
  const Housekeeping housekeeping(house.world.lifecycle, house.log, house.options);
  EXPECT_TRUE(until([&] { return house.world.job(id).state == State::pending; }));
}

/// Somebody else's lock on the database, as a backup tool may hold it.
class Lock {
 public:
  explicit Lock(const std::filesystem::path& file) {
    EXPECT_EQ(sqlite3_open(file.c_str(), &handle_), SQLITE_OK);
    sqlite3_busy_timeout(handle_, 10'000);
    EXPECT_EQ(sqlite3_exec(handle_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  }
  ~Lock() { sqlite3_close(handle_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  sqlite3* handle_ = nullptr;
};

TEST(Housekeeping, DoesNotTakeALockedDatabaseForASilentWorker) {
  House house;
  house.options.lease = 400ms;
  SqliteOptions options;
  options.busy = 20ms;
  const auto store = open_sqlite(house.folder / "steno.db", options).value();
  const auto queue = make_database_queue(store->jobs(), house.world.notifier, house.world.clock);
  Lifecycle lifecycle(*store, *queue, *house.world.blobs, house.world.event_notifier,
                      house.world.clock, {});
  const std::string id = lifecycle.submit({.jobs = {Job{}}}).jobs.at(0).id;
  Lease lease = lifecycle.claim_next("alive").value();
  std::optional<Lock> lock(std::in_place, house.folder / "steno.db");
  const Housekeeping housekeeping(lifecycle, house.log, house.options);
  std::this_thread::sleep_for(2 * house.options.lease);
  EXPECT_THROW(lifecycle.heartbeat(lease), StoreError);
  lock.reset();
  std::this_thread::sleep_for(50ms);  // others are quicker than the worker
  EXPECT_EQ(lifecycle.heartbeat(lease), LeaseStatus::kept);
}

TEST(Housekeeping, IsNotMovedByAWallClockThatJumps) {
  House house;
  const std::string id = house.world.submit();
  Lease lease = house.world.claim(id, "alive");
  const Housekeeping housekeeping(house.world.lifecycle, house.log, house.options);
  house.world.clock.advance(std::chrono::hours(1));
  Job overdue;
  overdue.queue_until = house.world.clock.now() - 1ms;
  const std::string other = house.world.submit(overdue);
  // A round has passed when this one is seen.
  EXPECT_TRUE(until([&] { return house.world.job(other).state == State::failed; }));
  EXPECT_EQ(house.world.lifecycle.heartbeat(lease), LeaseStatus::kept);
}

TEST(Housekeeping, RepeatsTheHintOfAJobWhoseHintWasLost) {
  House house;
  house.options.hints_every = 5ms;
  Job job;
  job.id = "job_1";
  job.owner = "ada";
  job.options = "{}";
  job.created_at = job.updated_at = job.available_at = house.world.clock.now();
  house.world.store->jobs().submit({.jobs = {job}}, {}, {});  // ended before it could send one
  house.world.clock.advance(10ms);
  const auto listener = house.world.notifier.listen();
  const Housekeeping housekeeping(house.world.lifecycle, house.log, house.options);
  EXPECT_TRUE(listener->wait(10s, {}));
}

TEST(Housekeeping, CleansUp) {
  House house;
  house.world.put("audio/one");
  const std::string id = house.world.submit();
  house.world.lifecycle.cancel(id);
  house.world.clock.advance(2000ms);
  const Housekeeping housekeeping(house.world.lifecycle, house.log, house.options);
  EXPECT_TRUE(until([&] { return !house.world.has_blob("audio/one"); }));
}

TEST(Housekeeping, LeavesNothingOfWhatIsPurged) {
  House house;
  const std::string words = "the words of nobody";
  const auto is_in = [&](const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(stream), {}};
    return content.find(words) != std::string::npos;
  };
  const auto store = open_sqlite(house.folder / "steno.db").value();
  const auto queue = make_database_queue(store->jobs(), house.world.notifier, house.world.clock);
  Lifecycle lifecycle(*store, *queue, *house.world.blobs, house.world.event_notifier,
                      house.world.clock, {});
  const Housekeeping housekeeping(lifecycle, house.log, house.options);
  Job job;
  job.recording_id = words;
  const std::string id = lifecycle.submit({.jobs = {job}}).jobs.at(0).id;
  ASSERT_TRUE(lifecycle.cancel(id));
  EXPECT_TRUE(is_in(house.folder / "steno.db-wal") || is_in(house.folder / "steno.db"));
  ASSERT_TRUE(lifecycle.purge(id));
  EXPECT_TRUE(until(
      [&] { return !is_in(house.folder / "steno.db-wal") && !is_in(house.folder / "steno.db"); }));
}

}  // namespace
}  // namespace steno
