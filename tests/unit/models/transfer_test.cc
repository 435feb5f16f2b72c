// The parts of a pull that need no host: hashes, parts of files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "models/hash.h"
#include "models/part_file.h"

namespace steno::models {
namespace {

using ::testing::HasSubstr;

class TransferTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("steno_transfer_test." + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::filesystem::path folder_;
};

std::span<const std::byte> bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST_F(TransferTest, HashesAsHostsDo) {
  std::ofstream(path("file")) << "hello\n";
  EXPECT_EQ(hash_file(path("file"), HashKind::git_blob, {}).value(),
            "ce013625030ba8dba906f756967f9e9ca394464a");  // git hash-object
  EXPECT_EQ(hash_file(path("file"), HashKind::sha256, {}).value(),
            "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
  EXPECT_EQ(hash_file(path("none"), HashKind::sha256, {}).error().code, Errc::io);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(hash_file(path("file"), HashKind::sha256, stop.get_token()).error().code,
            Errc::cancelled);
}

TEST_F(TransferTest, ContinuesParts) {
  {
    auto part = PartFile::open(path("file")).value();
    ASSERT_TRUE(part.append(bytes("abc")).has_value());
  }
  EXPECT_FALSE(std::filesystem::exists(path("file")));
  auto part = PartFile::open(path("file")).value();
  EXPECT_EQ(part.size(), 3u);
  ASSERT_TRUE(part.append(bytes("de")).has_value());
  ASSERT_TRUE(part.finish().has_value());
  EXPECT_EQ(std::filesystem::file_size(path("file")), 5u);
  EXPECT_FALSE(std::filesystem::exists(path("file.part")));

  auto other = PartFile::open(path("other")).value();
  ASSERT_TRUE(other.append(bytes("abc")).has_value());
  ASSERT_TRUE(other.restart().has_value());
  ASSERT_TRUE(other.append(bytes("x")).has_value());
  EXPECT_EQ(std::filesystem::file_size(other.part_path()), 1u);
  const auto nowhere = PartFile::open(path("no/such/file"));
  ASSERT_FALSE(nowhere.has_value());
  EXPECT_THAT(nowhere.error().message, HasSubstr("no/such/file.part"));
}

}  // namespace
}  // namespace steno::models
