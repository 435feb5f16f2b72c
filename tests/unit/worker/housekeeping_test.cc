#include "worker/housekeeping.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "blob/file/file_store.h"
#include "blob/memory/memory_staging.h"
#include "telemetry/failure_log.h"
#include "telemetry/log.h"
#include "unit/base/temporary_folder.h"
#include "unit/base/until.h"
#include "unit/jobs/job_world.h"
#include "workers/file_locks/file_lock_registry.h"

namespace steno {
namespace {

using namespace std::chrono_literals;

struct House {
  House() {
    options.every = 2ms;
    options.clean_every = 2ms;
  }
  HousekeepingParts parts() { return parts_of(*world.store, world.lifecycle); }
  HousekeepingParts parts_of(Store& store, Lifecycle& lifecycle) {
    return {store, lifecycle, *world.blobs, *staging, *workers, clock, pairing, log, failures};
  }

  TemporaryFolder folder;
  std::unique_ptr<WorkerRegistry> workers = make_file_lock_registry(folder.path());
  std::unique_ptr<blob::UploadStaging> staging = blob::make_memory_staging();
  JobWorld world{[] {
    JobPolicy policy;
    policy.keep_audio = 1000ms;
    return policy;
  }()};
  GuardedClock clock{world.clock, world.store->state(), std::nullopt};
  Pairing pairing{*world.store, *world.blobs};
  Log log{LogLevel::error};
  std::map<Duty, int> failed;
  std::mutex failed_mutex;
  FailureLog failures{log, [this](Duty duty) {
                        const std::lock_guard lock(failed_mutex);
                        ++failed[duty];
                      }};
  int failures_of(Duty duty) {
    const std::lock_guard lock(failed_mutex);
    return failed[duty];
  }
  HousekeepingOptions options;
};

TEST(Housekeeping, TakesJobsFromDeadWorkersAlone) {
  House house;
  WorkerDescription description;
  description.name = "alive";
  const auto alive = house.workers->add(description).value();
  std::ofstream(house.folder / "dead.lock");
  const std::string lost = house.world.submit();
  const std::string held = house.world.submit();
  house.world.claim(lost, "dead");
  house.world.claim(held, "alive");
  const Housekeeping housekeeping(house.parts(), house.options);
  EXPECT_TRUE(until([&] { return house.world.job(lost).state == State::pending; }));
  EXPECT_TRUE(until([&] { return !std::filesystem::exists(house.folder / "dead.lock"); }));
  EXPECT_EQ(house.world.job(held).state, State::processing);
}

TEST(Housekeeping, CountsLossesOnlyOfWorkersThatItHasOutlived) {
  House house;
  std::ofstream(house.folder / "before.lock");
  const std::string before = house.world.submit();
  house.world.claim(before, "before");
  const Housekeeping housekeeping(house.parts(), house.options);
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
  const Housekeeping housekeeping(house.parts(), house.options);
  EXPECT_TRUE(until([&] { return house.world.job(id).state == State::pending; }));
}

/// Another program's lock on the database, such as a backup tool's.
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
  const Housekeeping housekeeping(house.parts_of(*store, lifecycle), house.options);
  std::this_thread::sleep_for(2 * house.options.lease);
  EXPECT_THROW(lifecycle.heartbeat(lease), StoreError);
  EXPECT_GT(house.failures_of(Duty::leadership), 0);
  lock.reset();
  std::this_thread::sleep_for(50ms);  // others are faster than the worker
  EXPECT_EQ(lifecycle.heartbeat(lease), LeaseStatus::kept);
}

TEST(Housekeeping, IsNotMovedByAWallClockThatJumps) {
  House house;
  const std::string id = house.world.submit();
  Lease lease = house.world.claim(id, "alive");
  const Housekeeping housekeeping(house.parts(), house.options);
  house.world.clock.advance(std::chrono::hours(1));
  Job overdue;
  overdue.queue_until = house.world.clock.now() - 1ms;
  const std::string other = house.world.submit(overdue);
  // A round has passed when this is visible.
  EXPECT_TRUE(until([&] { return house.world.job(other).state == State::failed; }));
  EXPECT_EQ(house.world.lifecycle.heartbeat(lease), LeaseStatus::kept);
}

TEST(Housekeeping, RemovesWhatAKilledWorkerWasWriting) {
  House house;
  house.options.clean_every = std::chrono::hours(1);
  const auto blobs = blob::open_file_store(house.folder / "blobs").value();
  HousekeepingParts parts{*house.world.store, house.world.lifecycle, *blobs,        *house.staging,
                          *house.workers,     house.clock,           house.pairing, house.log,
                          house.failures};
  const auto begun = blobs->create("audio/begun").value();
  const Housekeeping housekeeping(parts, house.options);
  const auto left = house.folder / "blobs/unfinished/1-0";
  std::ofstream(left) << "words of a recording";
  std::ofstream(house.folder / "killed.lock");
  EXPECT_TRUE(until([&] { return !std::filesystem::exists(left); }));
  EXPECT_TRUE(begun->commit()) << "what is being written is kept";
}

TEST(Housekeeping, CleansUp) {
  House house;
  house.world.put("audio/one");
  const std::string id = house.world.submit();
  house.world.lifecycle.cancel(id);
  house.world.clock.advance(2000ms);
  const Housekeeping housekeeping(house.parts(), house.options);
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
  const Housekeeping housekeeping(house.parts_of(*store, lifecycle), house.options);
  Job job;
  job.recording_id = words;
  const std::string id = lifecycle.submit({.jobs = {job}}).jobs.at(0).id;
  ASSERT_TRUE(lifecycle.cancel(id));
  EXPECT_TRUE(is_in(house.folder / "steno.db-wal") || is_in(house.folder / "steno.db"));
  ASSERT_TRUE(lifecycle.purge(id));
  EXPECT_TRUE(until(
      [&] { return !is_in(house.folder / "steno.db-wal") && !is_in(house.folder / "steno.db"); }));
}

TEST(Housekeeping, RemovesOrphansAgainAndAgain) {
  House house;
  house.options.orphan_age = -std::chrono::hours(24 * 365);  // by the world's clock, all are old
  house.options.orphans_every = 2ms;
  const Housekeeping housekeeping(house.parts(), house.options);
  for (const char* key : {"audio/first", "audio/second"}) {
    house.world.put(key);
    EXPECT_TRUE(until([&] { return !house.world.has_blob(key); })) << key;
  }
}

TEST(Housekeeping, RepeatsTheHintsOfJobsThatWait) {
  House house;
  house.options.hints_every = 2ms;
  house.world.submit();
  house.world.clock.advance(1000ms);
  const auto listener = house.world.notifier.listen();  // the first hint was lost
  const Housekeeping housekeeping(house.parts(), house.options);
  EXPECT_TRUE(listener->wait(30s, {}));
  EXPECT_TRUE(listener->wait(30s, {}));
}

TEST(Housekeeping, DiscardsStagedUploadsWithoutARow) {
  House house;
  ASSERT_TRUE(house.staging->open("gone", 0));
  const Housekeeping housekeeping(house.parts(), house.options);
  EXPECT_TRUE(until([&] { return !house.staging->size("gone"); }));
}

/// Two services of one store.
struct TwoServices {
  TwoServices() {
    house.options.lease = 50ms;
    // Blobs have the machine's time.
    house.world.clock.advance(SystemClock().now() - house.world.clock.now());
  }
  std::unique_ptr<Housekeeping> start() {
    return std::make_unique<Housekeeping>(house.parts(), house.options);
  }
  House house;
};

TEST(Housekeeping, IsDoneByOneOfTwoServicesOfAStore) {
  TwoServices services;
  JobWorld& world = services.house.world;
  const auto first = services.start();
  const auto second = services.start();
  ASSERT_TRUE(until([&] { return first->leads() || second->leads(); }));
  constexpr int kJobs = 20;
  std::vector<std::string> silent;
  std::vector<std::string> overdue;
  for (int i = 0; i < kJobs; ++i) {
    silent.push_back(world.submit());
    world.claim(silent.back(), "silent");
    Job job;
    job.queue_until = world.clock.now() - 1ms;
    overdue.push_back(world.submit(job));
  }
  for (int i = 0; i < kJobs; ++i) {
    ASSERT_TRUE(until([&] { return world.job(silent[i]).state == State::pending; }));
    ASSERT_TRUE(until([&] { return world.job(overdue[i]).state == State::failed; }));
    EXPECT_EQ(world.job(silent[i]).losses, 1);
    EXPECT_EQ(world.data(overdue[i], "end").size(), 1u);
    EXPECT_FALSE(first->leads() && second->leads());
  }
}

TEST(Housekeeping, IsTakenOverFromADeadLeaderWithinItsTime) {
  TwoServices services;
  JobWorld& world = services.house.world;
  constexpr Milliseconds kTtl{800};
  const auto begin = std::chrono::steady_clock::now();
  // A process that leads and is then killed.
  ASSERT_TRUE(world.store->leaders().take("housekeeping", "dead", kTtl));
  Job job;
  job.queue_until = world.clock.now() - 1ms;
  const std::string overdue = world.submit(job);
  const auto next = services.start();
  EXPECT_TRUE(until([&] { return world.job(overdue).state == State::failed; }));
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(took, kTtl - 10ms) << "two could lead at once";
  EXPECT_LT(took, kTtl + 5s);
}

TEST(Housekeeping, IsTakenOverAtOnceFromAServiceThatEnds) {
  TwoServices services;
  services.house.options.leader_ttl = std::chrono::hours(1);
  auto first = services.start();
  ASSERT_TRUE(until([&] { return first->leads(); }));
  const auto second = services.start();
  first.reset();
  EXPECT_TRUE(until([&] { return second->leads(); }));
}

TEST(Housekeeping, OfASecondServiceKeepsRecordingsOnTheirWayIn) {
  TwoServices services;
  JobWorld& world = services.house.world;
  // The first service has the blob, but not yet the row.
  world.put("audio/on_its_way");
  services.house.options.orphans_every = 2ms;
  const auto first = services.start();
  const auto second = services.start();
  ASSERT_TRUE(until([&] { return first->leads() || second->leads(); }));
  std::this_thread::sleep_for(100ms);
  Job job;
  job.source.blob = "audio/on_its_way";
  const std::string id = world.submit(job);
  EXPECT_TRUE(world.has_blob("audio/on_its_way"));
  EXPECT_EQ(world.job(id).state, State::pending);
}

}  // namespace
}  // namespace steno
