#include "base/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace steno {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class AtomicFile : public ::testing::Test {
 protected:
  void SetUp() override {
    auto name = (fs::temp_directory_path() / "steno-atomic-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static long files_in(const fs::path& folder) {
    return std::distance(fs::directory_iterator(folder), {});
  }

  fs::path folder_;
};

TEST_F(AtomicFile, WritesAndReplaces) {
  const auto path = folder_ / "a.txt";
  ASSERT_TRUE(write_file_atomically(path, "first").has_value());
  EXPECT_EQ(content(path), "first");
  ASSERT_TRUE(write_file_atomically(path, std::string("se\0cond", 7)).has_value());
  EXPECT_EQ(content(path), std::string("se\0cond", 7));
  EXPECT_EQ(files_in(folder_), 1);
}

TEST_F(AtomicFile, NewFilesFollowTheUmaskAndOldOnesKeepTheirRights) {
  const auto path = folder_ / "a.txt";
  const auto old = ::umask(027);
  ASSERT_TRUE(write_file_atomically(path, "x").has_value());
  ::umask(old);
  EXPECT_EQ(fs::status(path).permissions(), static_cast<fs::perms>(0640));
  fs::permissions(path, static_cast<fs::perms>(0604));
  ASSERT_TRUE(write_file_atomically(path, "y").has_value());
  EXPECT_EQ(fs::status(path).permissions(), static_cast<fs::perms>(0604));
}

TEST_F(AtomicFile, FollowsALink) {
  fs::create_directory(folder_ / "far");
  std::ofstream(folder_ / "far/a.txt") << "old";
  fs::create_symlink("far/a.txt", folder_ / "link.txt");
  ASSERT_TRUE(write_file_atomically(folder_ / "link.txt", "new").has_value());
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.txt"));
  EXPECT_EQ(content(folder_ / "far/a.txt"), "new");
}

TEST_F(AtomicFile, LongestNamesWork) {
  const auto path = folder_ / (std::string(251, 'n') + ".txt");
  EXPECT_TRUE(write_file_atomically(path, "x").has_value());
}

TEST_F(AtomicFile, NamesPathAndCause) {
  const auto missing = folder_ / "none/a.txt";
  auto result = write_file_atomically(missing, "x");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().code, Errc::io);
  EXPECT_EQ(result.error().message,
            missing.string() + ": cannot be written: No such file or directory");
  result = write_file_atomically(folder_, "x");
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("Is a directory"));
  result = write_file_atomically("/dev/full", "x");
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("No space left on device"));
}

TEST_F(AtomicFile, WritesToADeviceAsItIs) {
  EXPECT_TRUE(write_file_atomically("/dev/null", "x").has_value());
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(AtomicFile, AFileThatGrowsTooLargeLeavesNothing) {
  const auto path = folder_ / "a.txt";
  ASSERT_TRUE(write_file_atomically(path, "old").has_value());
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{64 * 1024, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto result = write_file_atomically(path, std::string(1 << 20, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(result.has_value());
  EXPECT_THAT(result.error().message, HasSubstr("File too large"));
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(files_in(folder_), 1);
}

TEST_F(AtomicFile, AFullDiskLeavesNothing) {
  const auto disk = folder_ / "disk";
  fs::create_directory(disk);
  // Without the right to mount, the test above must suffice.
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k") != 0) return;
  const auto path = disk / "a.txt";
  EXPECT_TRUE(write_file_atomically(path, "old").has_value());
  const auto result = write_file_atomically(path, std::string(1 << 20, 'x'));
  const std::string message = result ? "" : result.error().message;
  EXPECT_THAT(message, HasSubstr("No space left on device"));
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(files_in(disk), 1);
  ASSERT_EQ(::umount(disk.c_str()), 0);
}

}  // namespace
}  // namespace steno
