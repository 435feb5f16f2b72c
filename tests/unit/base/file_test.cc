#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace steno {
namespace {

using ::testing::HasSubstr;

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

class FileTest : public ::testing::Test {
 protected:
  FileTest() { std::filesystem::create_directories(folder_); }
  ~FileTest() override { std::filesystem::remove_all(folder_); }
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("steno_file_test." + std::to_string(::getpid()));
};

TEST_F(FileTest, DistinguishesAFullDiskFromOtherFailures) {
  const Descriptor full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_GE(full.get(), 0);
  const Written written = write_all(full.get(), bytes("x"));
  EXPECT_EQ(written.count, 0u);
  const Error error = file_error("/dev/full", "cannot be written", written.error);
  EXPECT_EQ(error.code, Errc::no_space);
  EXPECT_THAT(error.message, HasSubstr("/dev/full: cannot be written: No space left"));

  EXPECT_EQ(file_error("x", "", EDQUOT).code, Errc::no_space);
  EXPECT_EQ(file_error("x", "", ENOENT).code, Errc::not_found);
  EXPECT_EQ(file_error("x", "", ENOTDIR).code, Errc::not_found);
  EXPECT_EQ(file_error("x", "", EROFS).code, Errc::io);
  EXPECT_EQ(file_error("x", "", EFBIG).code, Errc::io);
}

TEST_F(FileTest, MakesFoldersWithThoseAbove) {
  EXPECT_EQ(make_folder(folder_ / "a/b/c", 0700), 0);
  EXPECT_EQ(make_folder(folder_ / "a/b/c", 0700), 0);
  struct stat status {};
  ASSERT_EQ(::stat((folder_ / "a/b").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0077, 0u);

  const Descriptor file(::open((folder_ / "file").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  EXPECT_EQ(make_folder(folder_ / "file/b", 0700), ENOTDIR);
}

TEST_F(FileTest, ClosesOnceOnly) {
  Descriptor file(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  const int number = file.get();
  Descriptor moved = std::move(file);
  EXPECT_EQ(moved.get(), number);
  EXPECT_EQ(moved.close(), 0);
  EXPECT_EQ(moved.get(), -1);
  EXPECT_EQ(moved.close(), 0);
}

}  // namespace
}  // namespace steno
