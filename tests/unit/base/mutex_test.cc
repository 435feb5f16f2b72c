#include "base/mutex.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <stop_token>
#include <thread>

namespace steno {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// A flag that one thread sets and another one waits for.
class Flag {
 public:
  void set() {
    {
      const MutexLock lock(mutex_);
      is_set_ = true;
    }
    changed_.notify_all();
  }

  bool wait(const std::stop_token& stop) {
    const MutexLock lock(mutex_);
    return changed_.wait(mutex_, stop, [this]() REQUIRES(mutex_) { return is_set_; });
  }

  bool wait_for(milliseconds duration) {
    const MutexLock lock(mutex_);
    return changed_.wait_for(mutex_, duration, [this]() REQUIRES(mutex_) { return is_set_; });
  }

  bool wait_until(const std::stop_token& stop, steady_clock::time_point deadline) {
    const MutexLock lock(mutex_);
    return changed_.wait_until(mutex_, stop, deadline,
                               [this]() REQUIRES(mutex_) { return is_set_; });
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool is_set_ GUARDED_BY(mutex_) = false;
};

TEST(MutexTest, KeepsThreadsApart) {
  Mutex mutex;
  int count = 0;
  const auto add = [&] {
    for (int i = 0; i < 10'000; ++i) {
      const MutexLock lock(mutex);
      ++count;
    }
  };
  {
    const std::jthread first(add);
    const std::jthread second(add);
  }
  EXPECT_EQ(count, 20'000);
}

TEST(MutexTest, ALockCanBeOpenedForAWhile) {
  Mutex mutex;
  {
    MutexLock lock(mutex);
    lock.unlock();
    const bool was_free = mutex.try_lock();
    EXPECT_TRUE(was_free);
    if (was_free) mutex.unlock();
    lock.lock();
    std::jthread([&] {
      const bool is_free = mutex.try_lock();
      EXPECT_FALSE(is_free);
      if (is_free) mutex.unlock();
    }).join();
    lock.unlock();
  }
  const bool is_free = mutex.try_lock();
  EXPECT_TRUE(is_free);
  if (is_free) mutex.unlock();
}

TEST(MutexTest, ALockTakesOverWhatTryLockLocked) {
  Mutex mutex;
  const bool was_free = mutex.try_lock();
  ASSERT_TRUE(was_free);
  { const MutexLock lock(mutex, std::adopt_lock); }
  const bool is_free = mutex.try_lock();
  EXPECT_TRUE(is_free);
  if (is_free) mutex.unlock();
}

TEST(MutexTest, AnExceptionInAnUnlockedScopeLocksAgain) {
  Mutex mutex;
  const auto is_free = [&] {
    bool free = false;
    std::jthread([&] {
      free = mutex.try_lock();
      if (free) mutex.unlock();
    }).join();
    return free;
  };
  try {
    const MutexLock lock(mutex);
    EXPECT_FALSE(is_free());
    try {
      const MutexUnlock unlock(mutex);
      EXPECT_TRUE(is_free());
      throw std::runtime_error("");
    } catch (const std::runtime_error&) {
      EXPECT_FALSE(is_free());
      throw;
    }
  } catch (const std::runtime_error&) {
    EXPECT_TRUE(is_free());
  }
}

TEST(CondVarTest, WaitsUntilThePredicateIsTrue) {
  Flag flag;
  const std::jthread setter([&] { flag.set(); });
  EXPECT_TRUE(flag.wait({}));
  EXPECT_TRUE(flag.wait_for(milliseconds(0)));
}

TEST(CondVarTest, AStopEndsTheWait) {
  Flag flag;
  std::stop_source stop;
  const std::jthread stopper([&] { stop.request_stop(); });
  const auto start = steady_clock::now();
  EXPECT_FALSE(flag.wait(stop.get_token()));
  EXPECT_FALSE(flag.wait_until(stop.get_token(), start + seconds(60)));
  EXPECT_LT(steady_clock::now() - start, seconds(10));
}

TEST(CondVarTest, ATimeLimitEndsTheWait) {
  Flag flag;
  const auto start = steady_clock::now();
  EXPECT_FALSE(flag.wait_for(milliseconds(20)));
  EXPECT_FALSE(flag.wait_until({}, start + milliseconds(40)));
  EXPECT_GE(steady_clock::now() - start, milliseconds(40));
}

}  // namespace
}  // namespace steno
