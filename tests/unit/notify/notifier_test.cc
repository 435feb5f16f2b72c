#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>
#include <vector>

#include "notify/inotify/inotify_notifier.h"
#include "unit/base/temporary_folder.h"

namespace steno {
namespace {

using std::chrono::minutes;
using std::chrono::steady_clock;

class DoorbellTest : public testing::Test {
 protected:
  /// Whether there was a ring before now.
  static bool rung(Notifier::Listener& listener) { return listener.wait(Milliseconds(0), {}); }

  TemporaryFolder folder_;
  std::unique_ptr<Notifier> notifier_ = open_inotify_notifier(folder_ / "bell");
};

TEST_F(DoorbellTest, IsQuietUntilSomebodyRings) {
  const auto listener = notifier_->listen();
  EXPECT_FALSE(listener->wait(Milliseconds(20), {}));
  notifier_->notify();
  EXPECT_TRUE(listener->wait(minutes(1), {}));
  EXPECT_FALSE(rung(*listener));
}

TEST_F(DoorbellTest, ARingBetweenTwoWaitsIsNotLost) {
  const auto listener = notifier_->listen();
  notifier_->notify();
  EXPECT_TRUE(listener->wait(minutes(1), {}));
  notifier_->notify();
  EXPECT_TRUE(listener->wait(minutes(1), {}));
}

TEST_F(DoorbellTest, ManyRingsAreOne) {
  const auto listener = notifier_->listen();
  for (int i = 0; i < 100'000; ++i) notifier_->notify();
  EXPECT_TRUE(rung(*listener));
  EXPECT_FALSE(rung(*listener));
}

TEST_F(DoorbellTest, ARingThatNobodyCanHearIsNoFailure) {
  const auto notifier = open_inotify_notifier(folder_ / "bell");
  std::filesystem::remove_all(folder_.path());
  EXPECT_NO_THROW(bell->notify());
}

TEST_F(DoorbellTest, EveryListenerHears) {
  const auto first = notifier_->listen();
  const auto second = open_inotify_notifier(folder_ / "bell")->listen();
  notifier_->notify();
  EXPECT_TRUE(rung(*first));
  EXPECT_TRUE(rung(*second));
  EXPECT_FALSE(rung(*notifier_->listen()));  // it came too late
}

TEST_F(DoorbellTest, AStopEndsTheWait) {
  const auto listener = notifier_->listen();
  std::stop_source stop;
  std::atomic<bool> rang = true;
  std::jthread waiting([&] { rang = listener->wait(minutes(10), stop.get_token()); });
  stop.request_stop();
  waiting.join();
  EXPECT_FALSE(rang);
  // An earlier one too, and it does not end waits that are not stopped.
  EXPECT_FALSE(listener->wait(minutes(10), stop.get_token()));
  const auto start = steady_clock::now();
  EXPECT_FALSE(listener->wait(Milliseconds(20), {}));
  EXPECT_GE(steady_clock::now() - start, Milliseconds(20));
}

TEST_F(DoorbellTest, TheLongestWaitIsNoOverflow) {
  const auto listener = notifier_->listen();
  notifier_->notify();
  EXPECT_TRUE(listener->wait(Milliseconds::max(), {}));
  EXPECT_FALSE(listener->wait(Milliseconds::min(), {}));
}

TEST_F(DoorbellTest, IsHeardInAnotherProcess) {
  const auto listener = notifier_->listen();
  const pid_t child = ::fork();
  if (child == 0) {
    open_inotify_notifier(folder_ / "bell")->notify();
    ::_exit(0);
  }
  EXPECT_TRUE(listener->wait(minutes(1), {}));
  ::waitpid(child, nullptr, 0);
}

TEST_F(DoorbellTest, WakesWithoutAPause) {
  constexpr int kRounds = 20;
  const auto listener = notifier_->listen();
  const auto answer = open_inotify_notifier(folder_ / "answer");
  const auto answered = answer->listen();
  std::jthread other([&] {
    for (int i = 0; i < kRounds; ++i) {
      if (listener->wait(minutes(1), {})) answer->notify();
    }
  });
  const auto start = steady_clock::now();
  for (int i = 0; i < kRounds; ++i) {
    notifier_->notify();
    EXPECT_TRUE(answered->wait(minutes(1), {}));
  }
  // Twice 20 wake-ups; one takes some 50 microseconds.
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(1));
}

TEST_F(DoorbellTest, GoesOnWhenItsFileIsRemoved) {
  const auto listener = notifier_->listen();
  std::filesystem::remove(folder_ / "bell");
  EXPECT_TRUE(listener->wait(minutes(1), {}));  // who looks for nothing does no harm
  notifier_->notify();
  EXPECT_TRUE(listener->wait(minutes(1), {}));

  std::filesystem::remove(folder_ / "bell");
  notifier_->notify();
  const auto late = notifier_->listen();
  notifier_->notify();
  EXPECT_TRUE(rung(*late));
}

TEST_F(DoorbellTest, ManyThreadsRingAndListen) {
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

TEST_F(DoorbellTest, CannotBeMadeWithoutAFolder) {
  EXPECT_THROW(open_inotify_notifier(folder_ / "missing" / "bell"), std::system_error);
}

}  // namespace
}  // namespace steno
