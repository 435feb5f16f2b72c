#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <list>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "base/file_lock.h"
#include "store/sqlite/sqlite_store.h"
#include "unit/base/until.h"
#include "unit/workers/registry_contract.h"
#include "workers/file_locks/file_lock_registry.h"
#include "workers/rows/row_registry.h"

namespace steno {
namespace {

/// Runs `work` in another process and kills it there.
void run_and_kill(const std::function<void()>& work) {
  int done[2];
  if (pipe(done) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    work();
    if (write(done[1], "x", 1) != 1) _exit(1);
    while (true) pause();
  }
  char byte = 0;
  EXPECT_EQ(read(done[0], &byte, 1), 1);
  close(done[0]);
  close(done[1]);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

class LockedFiles : public RegistryWorld {
 public:
  WorkerRegistry& open() override {
    return *opened_.emplace_back(make_file_lock_registry(folder_ / "workers"));
  }
  void add_killed_worker(const WorkerDescription& description, const std::string& report) override {
    // Written by a registration, whose thread another process would not have.
    const auto sample = make_file_lock_registry(folder_ / "sample");
    const auto registration = sample->add(description).value();
    registration->report(report);
    const std::string file = description.name + ".lock";
    std::filesystem::create_directories(folder_ / "workers");
    std::filesystem::copy_file(folder_ / "sample" / file, folder_ / "workers" / file);
    std::optional<FileLock> lock;
    run_and_kill([&] { lock.emplace(FileLock::acquire(folder_ / "workers" / file, {}).value()); });
  }

 private:
  TemporaryFolder folder_;
  std::list<std::unique_ptr<WorkerRegistry>> opened_;
};

constexpr Milliseconds kTtl{900};

WorkerDescription named(const std::string& name) {
  WorkerDescription description;
  description.name = name;
  return description;
}

class Rows : public RegistryWorld {
 public:
  WorkerRegistry& open() override {
    return *opened_.emplace_back(make_row_registry(store_->workers(), {kTtl}));
  }
  void add_killed_worker(const WorkerDescription& description, const std::string& report) override {
    // A row without the thread that sends its heartbeats.
    const auto& name = description.name;
    ASSERT_TRUE(store_->workers().add(name, "token", to_line(description), kTtl));
    ASSERT_TRUE(store_->workers().heartbeat(name, "token", report));
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Store> store_ = open_sqlite(folder_ / "steno.db").value();
  std::list<std::unique_ptr<WorkerRegistry>> opened_;
};

const RegistryBackend kBackends[] = {
    {"file_locks", [] { return std::make_unique<LockedFiles>(); }},
    {"rows", [] { return std::make_unique<Rows>(); }},
};

INSTANTIATE_TEST_SUITE_P(Backends, RegistryContract, testing::ValuesIn(kBackends),
                         [](const auto& backend) { return backend.param.name; });

TEST(FileLockRegistry, SaysWhichFileItCannotMake) {
  const TemporaryFolder folder;
  const auto first = make_file_lock_registry(folder.path())->add(named("w1")).value();
  EXPECT_THROW((void)make_file_lock_registry(folder / "w1.lock")->add(named("w2")),
               std::system_error);
}

TEST(FileLockRegistry, KnowsAWorkerWithoutHeartbeatsAsSilent) {
  const TemporaryFolder folder;
  const FileLockRegistryOptions options{.heartbeat = std::chrono::hours(1),
                                        .silent_after = Milliseconds(50)};
  const auto registry = make_file_lock_registry(folder.path(), options);
  const auto registration = registry->add(named("w1")).value();
  const auto state = [&] { return registry->list().at(0).state; };
  ASSERT_TRUE(until([&] { return state() == WorkerState::silent; }));
  EXPECT_THAT(living_workers(*registry), testing::IsEmpty());
  EXPECT_THAT(dead_workers(*registry), testing::IsEmpty());
  EXPECT_FALSE(registry->bury("w1", [] { FAIL(); })) << "it may continue";
  EXPECT_TRUE(until([&] {
    registration->report("well");
    return state() == WorkerState::alive && registry->list().at(0).report == "well";
  }));
}

TEST(FileLockRegistry, SendsHeartbeatsByItself) {
  const TemporaryFolder folder;
  const FileLockRegistryOptions options{.heartbeat = Milliseconds(5),
                                        .silent_after = Milliseconds(2000)};
  const auto registry = make_file_lock_registry(folder.path(), options);
  const auto registration = registry->add(named("w1")).value();
  registration->report("well");
  std::this_thread::sleep_for(Milliseconds(2500));
  EXPECT_EQ(registry->list().at(0).state, WorkerState::alive);
  EXPECT_EQ(registry->list().at(0).report, "well");
}

TEST(FileLockRegistry, TakesAWorkerOfAnEarlierProgramForAlive) {
  const TemporaryFolder folder;
  const auto lock = FileLock::acquire(folder / "w1.lock", {}).value();
  std::ofstream(folder / "w1.lock") << to_line(named("w1")) << "\nits report\n";
  const auto listed = make_file_lock_registry(folder.path())->list();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].state, WorkerState::alive);
  EXPECT_EQ(listed[0].report, "its report\n");
}

/// Rows in a database whose clock the test moves ahead.
struct JumpingRows {
  std::atomic<int64_t> ahead = 0;
  std::unique_ptr<Store> store = [this] {
    SqliteOptions options;
    options.now = [this] { return SystemClock().now() + Milliseconds(ahead); };
    return open_sqlite({}, options).value();
  }();
  std::unique_ptr<WorkerRegistry> registry = make_row_registry(store->workers(), {kTtl});
};

TEST(RowRegistry, EndsNoLivingWorkerWhenTheDatabasesClockJumps) {
  JumpingRows rows;
  const auto registration = rows.registry->add(named("w1")).value();
  const auto end = std::chrono::steady_clock::now() + 2 * kTtl;
  while (std::chrono::steady_clock::now() < end) {
    rows.ahead += 60'000;
    EXPECT_FALSE(rows.registry->bury("w1", [] { FAIL(); }));
    std::this_thread::sleep_for(Milliseconds(5));
  }
}

TEST(RowRegistry, RegistersAWorkerAgainThatWasTakenForDead) {
  JumpingRows rows;
  const auto registration = rows.registry->add(named("w1")).value();
  registration->report("well");
  WorkerTable& table = rows.store->workers();
  ASSERT_TRUE(until([&] {
    rows.ahead += 60'000;
    return table.begin_burial("w1", "burial");
  }));
  EXPECT_THAT(living_workers(*rows.registry), testing::IsEmpty());
  table.end_burial("w1", "burial", true);
  EXPECT_TRUE(until([&] { return living_workers(*rows.registry).size() == 1; }));
  EXPECT_EQ(rows.registry->list().at(0).report, "well");
}

TEST(WorkerDescription, GoesThroughALine) {
  WorkerDescription description;
  description.name = "w1";
  description.models = {"base", "of \"quotes\" and\nlines"};
  description.device = "cuda";
  description.capacity = 7;
  const std::string line = to_line(description);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(parse_description("w1", line), description);
  for (const char* bad : {"", "{", "[]", "{\"capacity\":\"x\",\"models\":7,\"device\":[]}"}) {
    EXPECT_EQ(parse_description("w1", bad), named("w1")) << bad;
  }
}

TEST(WorkerName, IsNewEachTime) { EXPECT_NE(new_worker_name(), new_worker_name()); }

}  // namespace
}  // namespace steno
