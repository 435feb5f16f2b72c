#include "jobs/leader.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "store/sqlite/sqlite_store.h"
#include "unit/base/temporary_folder.h"
#include "unit/base/until.h"

namespace steno {
namespace {

using namespace std::chrono_literals;

/// Steady and database clocks that a test moves together or apart.
struct Clocks {
  std::atomic<int64_t> steady_ms = 1;
  std::atomic<int64_t> database_ms = 1'790'000'000'000;

  void pass(Milliseconds time) {
    steady_ms += time.count();
    database_ms += time.count();
  }
  std::function<Leader::Steady::time_point()> steady() {
    return [this] { return Leader::Steady::time_point(Milliseconds(steady_ms)); };
  }
};

class LeaderTest : public testing::Test {
 protected:
  std::unique_ptr<Leader> candidate() {
    return std::make_unique<Leader>(store_->leaders(), "duty", 3000ms, clocks_.steady());
  }

  Clocks clocks_;
  std::unique_ptr<Store> store_ = [this] {
    SqliteOptions options;
    options.now = [this] { return Time(Milliseconds(clocks_.database_ms)); };
    return open_sqlite({}, options).value();
  }();
};

TEST_F(LeaderTest, IsOneOfSeveralAsLongAsItRenews) {
  const auto first = candidate();
  const auto second = candidate();
  EXPECT_FALSE(first->leads());
  EXPECT_TRUE(first->renew());
  for (int round = 0; round < 10; ++round) {
    EXPECT_TRUE(first->renew());
    EXPECT_FALSE(second->renew());
    EXPECT_TRUE(first->leads());
    EXPECT_FALSE(second->leads());
    clocks_.pass(2000ms);
  }
  EXPECT_EQ(first->term(), 1);
  EXPECT_EQ(second->term(), 0);
}

TEST_F(LeaderTest, IsFollowedByAnotherWhenItsTimeIsOver) {
  const auto dead = candidate();
  const auto next = candidate();
  ASSERT_TRUE(dead->renew());
  clocks_.pass(2999ms);
  EXPECT_FALSE(next->renew());
  clocks_.pass(1ms);
  EXPECT_TRUE(next->renew());
  EXPECT_EQ(next->term(), 2);
}

TEST_F(LeaderTest, IsFollowedAtOnceWhenItEnds) {
  auto first = candidate();
  const auto second = candidate();
  ASSERT_TRUE(first->renew());
  first.reset();
  EXPECT_TRUE(second->renew());
  EXPECT_EQ(second->term(), 2);
}

TEST_F(LeaderTest, StopsAfterAPauseThatOutlastedItsTime) {
  const auto paused = candidate();
  const auto next = candidate();
  ASSERT_TRUE(paused->renew());
  clocks_.pass(3000ms);  // the process was stopped in the middle of a duty
  ASSERT_TRUE(next->renew());
  EXPECT_FALSE(paused->leads());
  EXPECT_FALSE(paused->renew());
  EXPECT_TRUE(next->leads());
}

TEST_F(LeaderTest, RenewsDuringALongDuty) {
  const auto leader = candidate();
  const auto other = candidate();
  ASSERT_TRUE(leader->renew());
  for (int step = 0; step < 10; ++step) {
    clocks_.pass(2000ms);
    EXPECT_TRUE(leader->leads());
    EXPECT_FALSE(other->renew());
  }
}

TEST_F(LeaderTest, TrustsItsOwnClockWhenTheDatabasesStops) {
  const auto leader = candidate();
  ASSERT_TRUE(leader->renew());
  clocks_.steady_ms += 3000;
  EXPECT_FALSE(leader->leads());
}

TEST_F(LeaderTest, IsNotKeptByADatabaseClockThatWasSetBack) {
  auto dead = candidate();
  const auto next = candidate();
  ASSERT_TRUE(dead->renew());
  clocks_.database_ms -= 3'600'000;
  EXPECT_TRUE(next->renew());
}

TEST(Leaders, AreNeverTwoAtOnce) {
  const TemporaryFolder folder;
  std::atomic<int> leading = 0;
  std::atomic<int> together = 0;
  std::atomic<int> terms = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto store = open_sqlite(folder / "steno.db").value();
      for (int round = 0; round < 20; ++round) {
        Leader leader(store->leaders(), "duty", 60'000ms);
        if (!leader.renew()) continue;
        if (++leading > 1) ++together;
        ++terms;
        std::this_thread::sleep_for(1ms);
        --leading;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(together, 0);
  EXPECT_GT(terms, 0);
}

}  // namespace
}  // namespace steno
