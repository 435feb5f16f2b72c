#include "app/service/service_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "unit/base/temporary_folder.h"

namespace steno::app {
namespace {

class ServiceFolderTest : public testing::Test {
 protected:
  TemporaryFolder root_;
  ServiceFolder folder_ = make_service_folder(root_ / "data").value();
};

TEST_F(ServiceFolderTest, HasOneService) {
  auto lock = ServiceLock::take(folder_);
  ASSERT_TRUE(lock);
  EXPECT_FALSE(running_service(folder_));
  ASSERT_TRUE(lock->announce({getpid(), {"127.0.0.1:8080"}}));
  EXPECT_EQ(running_service(folder_)->pid, getpid());
  EXPECT_EQ(ServiceLock::take(folder_).error().code, Errc::conflict);
}

TEST_F(ServiceFolderTest, IgnoresAKilledService) {
  std::ofstream(folder_.run() / "serve.json") << R"({"pid":1,"addresses":["127.0.0.1:1"]})";
  EXPECT_FALSE(running_service(folder_));
  const auto lock = ServiceLock::take(folder_);
  ASSERT_TRUE(lock);
  EXPECT_FALSE(running_service(folder_)) << "it has not said yet where it is";
}

TEST_F(ServiceFolderTest, IsNotBlockedByReaders) {
  { const auto first = ServiceLock::take(folder_); }
  const int looking = open((folder_.run() / "serve.lock").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(flock(looking, LOCK_SH | LOCK_NB), 0);
  EXPECT_FALSE(running_service(folder_));
  std::ofstream(folder_.run() / "serve.json") << R"({"pid":1,"addresses":["127.0.0.1:1"]})";
  EXPECT_FALSE(running_service(folder_)) << "who looks is no service";
  std::jthread ends([looking] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    close(looking);
  });
  EXPECT_TRUE(ServiceLock::take(folder_));
}

}  // namespace
}  // namespace steno::app
