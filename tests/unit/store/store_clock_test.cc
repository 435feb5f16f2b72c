#include "store/store_clock.h"

#include <gtest/gtest.h>

#include <atomic>

#include "store/store_error.h"
#include "unit/base/until.h"

namespace steno {
namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

/// A database's clock and a steady clock that the test moves.
class StoreClockTest : public testing::Test {
 protected:
  static constexpr int64_t kStart = 1'790'000'000'000;

  Time database() const { return Time(Milliseconds(database_ms_)); }
  void pass(Milliseconds time) {
    steady_ms_ += time.count();
    database_ms_ += time.count();
  }
  StoreClock make(Milliseconds refresh = hours(1)) {
    return StoreClock(
        [this] {
          steady_ms_ += travel_ms_;
          if (is_down_) throw StoreError(StoreError::Kind::busy, "down");
          return database();
        },
        {refresh,
         [this] { return std::chrono::steady_clock::time_point(Milliseconds(steady_ms_)); }});
  }

  std::atomic<int64_t> database_ms_ = kStart;
  std::atomic<int64_t> steady_ms_ = 1;
  std::atomic<int64_t> travel_ms_ = 0;
  std::atomic<bool> is_down_ = false;
};

TEST_F(StoreClockTest, ShowsTheDatabasesTimeWhateverThisMachineShows) {
  const StoreClock clock = make();
  EXPECT_EQ(clock.now(), database());
  pass(90min);
  EXPECT_EQ(clock.now(), database());
}

TEST_F(StoreClockTest, FollowsTheDatabaseAheadAtTheNextMeasurement) {
  StoreClock clock = make();
  database_ms_ += 10'000;
  EXPECT_EQ(clock.now(), Time(Milliseconds(kStart)));
  clock.refresh();
  EXPECT_EQ(clock.now(), database());
}

TEST_F(StoreClockTest, NeverRunsBackwardsAndStillRuns) {
  StoreClock clock = make();
  database_ms_ -= 10'000;
  clock.refresh();
  EXPECT_EQ(clock.now(), Time(Milliseconds(kStart)));
  Time last = clock.now();
  for (int i = 0; i < 19; ++i) {
    pass(1000ms);
    if (i % 5 == 0) clock.refresh();
    EXPECT_EQ(clock.now() - last, 500ms);
    last = clock.now();
  }
  pass(1000ms);
  EXPECT_EQ(clock.now(), database());
  pass(1000ms);
  EXPECT_EQ(clock.now(), database());
}

TEST_F(StoreClockTest, TakesHalfOfTheCallForTheWayBack) {
  travel_ms_ = 200;
  const StoreClock clock = make();
  EXPECT_EQ(clock.now(), database() + 100ms);
}

TEST_F(StoreClockTest, GoesOnWithoutTheDatabase) {
  StoreClock clock = make();
  is_down_ = true;
  EXPECT_THROW(clock.refresh(), StoreError);
  pass(5000ms);
  EXPECT_EQ(clock.now(), database());
  EXPECT_THROW(make(), StoreError);
}

TEST_F(StoreClockTest, MeasuresAgainByItself) {
  const StoreClock clock = make(1ms);
  database_ms_ += 60'000;
  EXPECT_TRUE(until([&] { return clock.now() == database(); }));
}

}  // namespace
}  // namespace steno
