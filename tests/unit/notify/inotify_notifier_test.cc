#include "notify/inotify/inotify_notifier.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include "unit/base/temporary_folder.h"

namespace steno {
namespace {

using std::chrono::minutes;
using std::chrono::steady_clock;

class InotifyNotifierTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::unique_ptr<Notifier> notifier_ = open_inotify_notifier(folder_ / "file");
};

TEST_F(InotifyNotifierTest, IsNoFailureWhenItsFolderIsGone) {
  std::filesystem::remove_all(folder_.path());
  EXPECT_NO_THROW(notifier_->notify());
}

TEST_F(InotifyNotifierTest, NotifiesThroughAnotherObjectOfTheFile) {
  const auto listener = open_inotify_notifier(folder_ / "file")->listen();
  notifier_->notify();
  EXPECT_TRUE(listener->wait(Milliseconds(0), {}));
}

TEST_F(InotifyNotifierTest, NotifiesAnotherProcess) {
  const auto listener = notifier_->listen();
  const pid_t child = ::fork();
  if (child == 0) {
    open_inotify_notifier(folder_ / "file")->notify();
    ::_exit(0);
  }
  EXPECT_TRUE(listener->wait(minutes(1), {}));
  ::waitpid(child, nullptr, 0);
}

TEST_F(InotifyNotifierTest, WakesWithoutAPause) {
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

TEST_F(InotifyNotifierTest, GoesOnWhenItsFileIsRemoved) {
  const auto listener = notifier_->listen();
  std::filesystem::remove(folder_ / "file");
  EXPECT_TRUE(listener->wait(minutes(1), {}));  // a look too many does no harm
  notifier_->notify();
  EXPECT_TRUE(listener->wait(minutes(1), {}));

  std::filesystem::remove(folder_ / "file");
  notifier_->notify();
  const auto late = notifier_->listen();
  notifier_->notify();
  EXPECT_TRUE(late->wait(Milliseconds(0), {}));
}

TEST_F(InotifyNotifierTest, CannotBeMadeWithoutAFolder) {
  EXPECT_THROW(open_inotify_notifier(folder_ / "missing" / "file"), std::system_error);
}

}  // namespace
}  // namespace steno
