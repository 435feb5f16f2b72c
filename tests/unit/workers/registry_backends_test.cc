#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <list>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

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
    std::unique_ptr<WorkerRegistration> registration;
    run_and_kill([&] {
      registration = open().add(description).value();
      registration->report(report);
    });
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
