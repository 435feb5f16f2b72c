#include "store/guarded_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/sqlite/sqlite_store.h"
#include "unit/base/manual_clock.h"

namespace steno {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Steady = std::chrono::steady_clock;

/// A wall clock and a steady clock that a test moves, and a store that outlives processes.
struct Clocks {
  ManualClock wall;
  Steady::time_point steady{hours(1000)};
  std::unique_ptr<Store> store = open_sqlite("").value();

  void pass(Milliseconds time) {
    wall.advance(time);
    steady += time;
  }
  std::unique_ptr<GuardedClock> start(std::optional<Time> last_write = std::nullopt) {
    GuardedClockOptions options;
    options.limit = hours(3);
    options.refresh = hours(1);
    options.steady = [this] { return steady; };
    return std::make_unique<GuardedClock>(wall, store->state(), last_write, options);
  }
};

TEST(GuardedClock, FollowsTheWallClock) {
  Clocks clocks;
  const auto clock = clocks.start();
  for (const Milliseconds step : {Milliseconds(0), Milliseconds(minutes(5))}) {
    clocks.pass(step);
    EXPECT_EQ(clock->now(), clocks.wall.now());
    EXPECT_EQ(clock->trusted_now(), clocks.wall.now());
    EXPECT_FALSE(clock->jump());
  }
  clocks.wall.advance(hours(2));  // the machine was suspended
  EXPECT_EQ(clock->trusted_now(), clocks.wall.now());
  clock->remember();
  clocks.wall.advance(hours(2));
  EXPECT_FALSE(clock->jump()) << "each was less than the limit";
}

TEST(GuardedClock, LetsNothingExpireByAJumpForwards) {
  Clocks clocks;
  const auto clock = clocks.start();
  const Time before = clocks.wall.now();
  clocks.wall.advance(hours(40 * 24));
  clocks.pass(minutes(1));
  EXPECT_EQ(clock->now(), clocks.wall.now());
  EXPECT_EQ(clock->trusted_now(), before + minutes(1));
  EXPECT_EQ(clock->jump()->by, hours(40 * 24));
  clocks.wall.advance(-hours(40 * 24));  // it is set right
  EXPECT_FALSE(clock->jump());
  EXPECT_EQ(clock->trusted_now(), clocks.wall.now());
}

TEST(GuardedClock, GoesOnAfterAJumpBackwards) {
  Clocks clocks;
  const auto clock = clocks.start();
  const Time before = clocks.wall.now();
  clocks.wall.advance(-hours(40 * 24));
  clocks.pass(minutes(1));
  EXPECT_EQ(clock->now(), before + minutes(1)) << "so that what is new does not look old later";
  EXPECT_EQ(clock->trusted_now(), clocks.wall.now()) << "the age of files is measured by it";
  EXPECT_EQ(clock->jump()->by, -hours(40 * 24));
}

TEST(GuardedClock, RemembersTheTimeAcrossARestart) {
  Clocks clocks;
  clocks.start()->remember();
  const Time before = clocks.wall.now();
  clocks.wall.advance(hours(40 * 24));
  auto clock = clocks.start();
  EXPECT_EQ(clock->trusted_now(), before);
  ASSERT_TRUE(clock->jump());
  clock->remember();
  clock = clocks.start();
  EXPECT_TRUE(clock->jump()) << "the jump is not believed because it was remembered";
}

TEST(GuardedClock, StartsFromTheLastWriteOfAnOlderVersion) {
  Clocks clocks;
  const Time before = clocks.wall.now() - hours(40 * 24);
  const auto clock = clocks.start(before);
  EXPECT_EQ(clock->trusted_now(), before);
  EXPECT_TRUE(clock->jump());
}

TEST(GuardedClock, BelievesAJumpAfterADay) {
  Clocks clocks;
  auto clock = clocks.start();
  clock->remember();
  clocks.wall.advance(hours(40 * 24));
  for (int hour = 0; hour < 23; ++hour) {
    clocks.pass(hours(1));
    clock->remember();
    if (hour == 12) clock = clocks.start();  // the time that it has lasted is stored
  }
  ASSERT_TRUE(clock->jump());
  EXPECT_EQ(clock->jump()->left, hours(1));
  clocks.pass(hours(1));
  clock->remember();
  EXPECT_FALSE(clock->jump());
  EXPECT_EQ(clock->trusted_now(), clocks.wall.now());
  EXPECT_FALSE(clocks.start()->jump());
}

TEST(GuardedClock, BelievesTheOperatorInAllProcesses) {
  for (const Milliseconds jump : {hours(40 * 24), -hours(40 * 24)}) {
    Clocks clocks;
    const auto service = clocks.start();
    service->remember();
    clocks.wall.advance(jump);
    ASSERT_TRUE(service->jump());
    clocks.start()->accept();
    service->remember();
    EXPECT_FALSE(service->jump());
    EXPECT_EQ(service->now(), clocks.wall.now());
    EXPECT_FALSE(clocks.start()->jump());
  }
}

TEST(GuardedClock, TellsAnOperatorWhatToDo) {
  const ClockJump jump{-hours(40 * 24), hours(5)};
  EXPECT_THAT(describe(jump, Time()),
              testing::AllOf(testing::HasSubstr("40 days behind"), testing::HasSubstr("5 hours"),
                             testing::HasSubstr("steno accept clock")));
}

}  // namespace
}  // namespace steno
