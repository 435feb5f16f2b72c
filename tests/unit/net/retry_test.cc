#include "net/retry.h"

#include <gtest/gtest.h>

namespace steno::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(BackoffTest, DoublesWithJitterUpToALimit) {
  for (int run = 0; run < 50; ++run) {
    Backoff backoff({.first_wait = milliseconds(100), .longest_wait = milliseconds(350)});
    for (const int longest : {100, 200, 350, 350, 350}) {
      const auto wait = backoff.next();
      EXPECT_GE(wait.count(), longest / 2);
      EXPECT_LE(wait.count(), longest);
    }
    backoff.reset();
    EXPECT_LE(backoff.next(), milliseconds(100));
  }
}

TEST(BackoffTest, TwoClientsDoNotWaitTheSameTime) {
  const RetryPolicy policy{.first_wait = seconds(1000), .longest_wait = seconds(1000)};
  EXPECT_NE(Backoff(policy).next(), Backoff(policy).next());
}

TEST(BackoffTest, BearsManyFailures) {
  Backoff backoff({.first_wait = milliseconds(500), .longest_wait = seconds(30)});
  for (int i = 0; i < 200; ++i) EXPECT_LE(backoff.next(), seconds(30));
}

TEST(BackoffTest, WaitsAsLongAsTheHostAsksUpToALimit) {
  Backoff backoff({.first_wait = milliseconds(1), .longest_retry_after = seconds(60)});
  EXPECT_EQ(backoff.next(seconds(7)), seconds(7));
  EXPECT_EQ(backoff.next(seconds(3600)), seconds(60));
  EXPECT_EQ(backoff.next(seconds::max()), seconds(60));
  EXPECT_LE(backoff.next(seconds(0)), milliseconds(8));
}

TEST(RetryBudgetTest, RequestsEarnRetries) {
  RetryBudget budget({.per_request = 0.5, .reserve = 2});
  EXPECT_TRUE(budget.take_retry());
  EXPECT_TRUE(budget.take_retry());
  EXPECT_FALSE(budget.take_retry());
  budget.add_request();
  EXPECT_FALSE(budget.take_retry());
  budget.add_request();
  EXPECT_TRUE(budget.take_retry());
  EXPECT_FALSE(budget.take_retry());
  for (int i = 0; i < 100; ++i) budget.add_request();
  EXPECT_TRUE(budget.take_retry());
  EXPECT_TRUE(budget.take_retry());
  EXPECT_FALSE(budget.take_retry()) << "more than the reserve was kept";
}

}  // namespace
}  // namespace steno::net
