#include "unit/workers/registry_contract.h"

#include <gmock/gmock.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include "unit/base/until.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(RegistryContract, ListsAWorkerAsLongAsItIsRegistered) {
  EXPECT_THAT(registry_.list(), IsEmpty());
  {
    const auto registration = registry_.add(worker("w1")).value();
    const auto listed = world_->open().list();
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed[0].description, worker("w1"));
    EXPECT_EQ(listed[0].state, WorkerState::alive);
    EXPECT_EQ(listed[0].report, "");
    EXPECT_THAT(living_workers(registry_), ElementsAre("w1"));
    EXPECT_FALSE(registry_.bury("w1", [] { FAIL(); }));
  }
  EXPECT_THAT(registry_.list(), IsEmpty());
  EXPECT_FALSE(registry_.bury("w1", [] { FAIL(); }));
}

TEST_P(RegistryContract, ListsTheLastReportOfEach) {
  const auto second = registry_.add(worker("w2")).value();
  const auto first = world_->open().add(worker("w1")).value();
  first->report("a long text\nof two lines\n");
  first->report("text\nof two\n");
  second->report("other");
  const auto listed = registry_.list();
  ASSERT_EQ(listed.size(), 2u);
  EXPECT_EQ(listed[0].description.name, "w1");
  EXPECT_EQ(listed[0].report, "text\nof two\n");
  EXPECT_EQ(listed[1].report, "other");
}

TEST_P(RegistryContract, KeepsALivingWorkerAlive) {
  const auto registration = registry_.add(worker("w1")).value();
  for (int i = 0; i < 120; ++i) {  // longer than a row lives without a heartbeat
    ASSERT_THAT(dead_workers(registry_), IsEmpty());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

TEST_P(RegistryContract, RefusesASecondWorkerOfAName) {
  const auto registration = registry_.add(worker("w1")).value();
  registration->report("still here");
  const auto second = world_->open().add(worker("w1"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::conflict);
  EXPECT_THAT(second.error().message, testing::HasSubstr("w1"));
  EXPECT_EQ(registry_.list().at(0).report, "still here");
}

TEST_P(RegistryContract, KnowsAKilledWorkerUntilItIsBuried) {
  const auto alive = registry_.add(worker("alive")).value();
  world_->add_killed_worker(worker("killed"), "its last words");
  ASSERT_TRUE(until([&] { return dead_workers(registry_) == std::vector<std::string>{"killed"}; }));
  EXPECT_EQ(registry_.list().at(1).report, "its last words");
  EXPECT_EQ(registry_.list().at(1).description, worker("killed"));

  int released = 0;
  EXPECT_TRUE(until([&] { return registry_.bury("killed", [&] { ++released; }); }));
  EXPECT_EQ(released, 1);
  EXPECT_FALSE(registry_.bury("killed", [&] { ++released; }));
  EXPECT_EQ(released, 1);
  EXPECT_THAT(living_workers(registry_), ElementsAre("alive"));
  EXPECT_THAT(dead_workers(registry_), IsEmpty());
}

TEST_P(RegistryContract, LeavesAWorkerDeadWhoseReleaseFails) {
  world_->add_killed_worker(worker("killed"), "");
  const auto bury = [&](const std::function<void()>& release) {
    return until([&] { return registry_.bury("killed", release); });
  };
  EXPECT_THROW(bury([] { throw std::runtime_error("not now"); }), std::runtime_error);
  EXPECT_THAT(dead_workers(registry_), ElementsAre("killed"));
  EXPECT_TRUE(
      bury([&] { EXPECT_EQ(world_->open().add(worker("killed")).error().code, Errc::conflict); }));
  EXPECT_THAT(registry_.list(), IsEmpty());
}

TEST_P(RegistryContract, BuriesAWorkerOnce) {
  for (int i = 0; i < 5; ++i) {
    const std::string name = "killed" + std::to_string(i);
    world_->add_killed_worker(worker(name), "");
    std::atomic<int> released = 0;
    std::vector<std::jthread> threads;
    for (int k = 0; k < 4; ++k) {
      threads.emplace_back([&, &registry = world_->open()] {
        until([&] {
          registry.bury(name, [&] { ++released; });
          return registry.list().empty();
        });
      });
    }
    threads.clear();
    EXPECT_EQ(released, 1);
  }
}

TEST_P(RegistryContract, GivesADeadWorkersNameToAnother) {
  world_->add_killed_worker(worker("w1"), "its last words");
  ASSERT_TRUE(until([&] { return !dead_workers(registry_).empty(); }));
  const auto next = registry_.add(worker("w1"));
  ASSERT_TRUE(next);
  EXPECT_THAT(living_workers(registry_), ElementsAre("w1"));
  EXPECT_EQ(registry_.list().at(0).report, "");
  EXPECT_FALSE(registry_.bury("w1", [] { FAIL(); }));
}

}  // namespace
}  // namespace steno
