#include "unit/notify/notifier_contract.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace steno {
namespace {

using std::chrono::minutes;
using std::chrono::steady_clock;

TEST_P(NotifierContract, WaitsUntilThereIsANotification) {
  const auto listener = notifier_->listen();
  EXPECT_FALSE(listener->wait(Milliseconds(20), {}));
  notifier_->notify();
  EXPECT_TRUE(listener->wait(minutes(1), {}));
  EXPECT_FALSE(is_notified(*listener));
}

TEST_P(NotifierContract, KeepsANotificationBetweenTwoWaits) {
  const auto listener = notifier_->listen();
  notifier_->notify();
  EXPECT_TRUE(listener->wait(minutes(1), {}));
  notifier_->notify();
  EXPECT_TRUE(listener->wait(minutes(1), {}));
}

TEST_P(NotifierContract, ReceivesManyNotificationsAsOne) {
  const auto listener = notifier_->listen();
  for (int i = 0; i < 100'000; ++i) notifier_->notify();
  EXPECT_TRUE(is_notified(*listener));
  EXPECT_FALSE(is_notified(*listener));
}

TEST_P(NotifierContract, NotifiesEveryListenerThatWasThere) {
  const auto first = notifier_->listen();
  const auto second = notifier_->listen();
  notifier_->notify();
  EXPECT_TRUE(is_notified(*first));
  EXPECT_TRUE(is_notified(*second));
  EXPECT_FALSE(is_notified(*notifier_->listen()));
}

TEST_P(NotifierContract, EndsTheWaitAtAStop) {
  const auto listener = notifier_->listen();
  std::stop_source stop;
  std::atomic<bool> is_notified = true;
  std::jthread waiting([&] { is_notified = listener->wait(minutes(10), stop.get_token()); });
  stop.request_stop();
  waiting.join();
  EXPECT_FALSE(is_notified);
  // An earlier stop too, and it does not end waits of another token.
  EXPECT_FALSE(listener->wait(minutes(10), stop.get_token()));
  const auto start = steady_clock::now();
  EXPECT_FALSE(listener->wait(Milliseconds(20), {}));
  EXPECT_GE(steady_clock::now() - start, Milliseconds(20));
}

TEST_P(NotifierContract, TakesTheLongestWait) {
  const auto listener = notifier_->listen();
  notifier_->notify();
  EXPECT_TRUE(listener->wait(Milliseconds::max(), {}));
  EXPECT_FALSE(listener->wait(Milliseconds::min(), {}));
}

TEST_P(NotifierContract, IsUsedByManyThreads) {
  constexpr int kThreads = 8;
  std::atomic<int> posted = 0;
  std::atomic<int> seen = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const auto listener = notifier_->listen();
      while (posted < kThreads * 100) listener->wait(minutes(1), {});
      ++seen;
    });
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) {
        ++posted;
        notifier_->notify();
      }
    });
  }
  threads.clear();
  EXPECT_EQ(seen, kThreads);
}

}  // namespace
}  // namespace steno
