#include "base/file_lock.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "unit/base/temporary_folder.h"

namespace steno {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;
using AtEnd = FileLock::AtEnd;

class FileLockTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  fs::path path_ = folder_.path() / "lock";
};

TEST_F(FileLockTest, KeepsOthersOutUntilItEnds) {
  std::atomic<int> waits = 0;
  std::atomic<bool> has_second = false;
  std::jthread other;
  {
    const auto lock = FileLock::acquire(
        path_, {.at_end = AtEnd::remove, .on_wait = [] { FAIL() << "nothing to wait for"; }});
    ASSERT_TRUE(lock.has_value()) << lock.error().message;
    EXPECT_TRUE(FileLock::is_held(path_));
    EXPECT_FALSE(FileLock::try_existing(path_, AtEnd::keep).has_value());
    other = std::jthread([&] {
      const auto second =
          FileLock::acquire(path_, {.at_end = AtEnd::remove, .on_wait = [&] { ++waits; }});
      has_second = second.has_value();
    });
    while (waits == 0) std::this_thread::yield();
    EXPECT_FALSE(has_second);
  }
  other.join();
  EXPECT_TRUE(has_second);
  EXPECT_EQ(waits, 1);
  EXPECT_FALSE(FileLock::is_held(path_));
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(FileLockTest, WaitsNoLongerThanItsPatienceOrAStop) {
  const auto lock = FileLock::acquire(path_, {.at_end = AtEnd::keep});
  ASSERT_TRUE(lock.has_value());
  const auto start = steady_clock::now();
  const auto late = FileLock::acquire(path_, {.at_end = AtEnd::keep, .patience = milliseconds(50)});
  EXPECT_EQ(late.error().code, Errc::conflict);
  EXPECT_THAT(late.error().message, HasSubstr(path_.string()));
  EXPECT_GE(steady_clock::now() - start, milliseconds(50));
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  EXPECT_EQ(
      FileLock::acquire(path_, {.at_end = AtEnd::keep, .stop = stop.get_token()}).error().code,
      Errc::cancelled);
  EXPECT_LT(steady_clock::now() - start, seconds(10));
}

TEST_F(FileLockTest, AKeptFileStaysAndIsFree) {
  { ASSERT_TRUE(FileLock::acquire(path_, {.at_end = AtEnd::keep}).has_value()); }
  EXPECT_TRUE(fs::exists(path_));
  EXPECT_FALSE(FileLock::is_held(path_));
  {
    auto lock = FileLock::try_existing(path_, AtEnd::remove);
    ASSERT_TRUE(lock.has_value());
    lock->set_at_end(AtEnd::keep);
  }
  EXPECT_TRUE(fs::exists(path_));
  EXPECT_TRUE(FileLock::try_existing(path_, AtEnd::remove).has_value());
  EXPECT_FALSE(fs::exists(path_));
  EXPECT_FALSE(FileLock::try_existing(path_, AtEnd::remove).has_value()) << "nothing is created";
  EXPECT_FALSE(FileLock::is_held(path_));
}

TEST_F(FileLockTest, AFileThatWasReplacedIsNotLocked) {
  const Descriptor old(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  fs::rename(path_, folder_.path() / "renamed");
  EXPECT_FALSE(is_at(old, path_));
  EXPECT_FALSE(try_lock(old, path_));
  const Descriptor next(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_TRUE(try_lock(next, path_));
  EXPECT_TRUE(is_at(next, path_));
}

TEST_F(FileLockTest, ManyHoldersTakeTurns) {
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 20; ++n) {
          const auto lock = FileLock::acquire(path_, {.at_end = AtEnd::remove});
          ASSERT_TRUE(lock.has_value());
          most = std::max(most.load(), ++inside);
          --inside;
        }
      });
    }
  }
  EXPECT_EQ(most, 1);
}

TEST_F(FileLockTest, NamesAFileThatCannotBeOpened) {
  const auto lock = FileLock::acquire(folder_.path() / "no" / "lock", {});
  ASSERT_FALSE(lock.has_value());
  EXPECT_EQ(lock.error().code, Errc::not_found);
  EXPECT_THAT(lock.error().message, HasSubstr("no/lock"));
}

}  // namespace
}  // namespace steno
