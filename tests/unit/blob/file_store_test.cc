#include "blob/file/file_store.h"

#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "blob/file/file_staging.h"
#include "blob_contract.h"
#include "child_process.h"
#include "file_size_limit.h"
#include "no_local_path.h"
#include "staging_contract.h"
#include "unit/base/temporary_folder.h"

namespace steno::blob {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using ::testing::HasSubstr;

std::shared_ptr<BlobStore> store_in_a_new_folder() {
  struct Both {
    TemporaryFolder folder;
    std::unique_ptr<BlobStore> store;
  };
  auto both = std::make_shared<Both>();
  both->store = open_file_store(both->folder.path()).value();
  return {both, both->store.get()};
}

INSTANTIATE_TEST_SUITE_P(File, BlobContract, ::testing::Values(store_in_a_new_folder));
INSTANTIATE_TEST_SUITE_P(FileWithoutPaths, BlobContract, ::testing::Values([] {
                           return std::make_shared<NoLocalPath>(store_in_a_new_folder());
                         }));

std::size_t files_below(const fs::path& folder) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_directory()) ++files;
  }
  return files;
}

TEST(FileStoreTest, GivesAFileForTheDecoder) {
  const TemporaryFolder folder;
  const auto store = open_file_store(folder.path() / "deep/down").value();
  ASSERT_TRUE(put_blob(*store, "audio/ab/1", "sound"));
  const auto path = store->local_path("audio/ab/1");
  ASSERT_TRUE(path.has_value());
  std::string text;
  std::ifstream(*path) >> text;
  EXPECT_EQ(text, "sound");
  struct stat status {};
  ASSERT_EQ(::stat(path->c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0077, 0u) << "recordings are nobody else's";
  EXPECT_EQ(store->local_path("audio/ab"), std::nullopt);
}

TEST(FileStoreTest, CopiesWithoutASecondContentAndAsNew) {
  const TemporaryFolder folder;
  const auto store = open_file_store(folder.path()).value();
  ASSERT_TRUE(put_blob(*store, "audio/one", "sound"));
  const auto path = *store->local_path("audio/one");
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(48));
  ASSERT_TRUE(store->copy("audio/one", "audio/two"));
  EXPECT_TRUE(fs::equivalent(path, *store->local_path("audio/two")));
  const auto recent = std::chrono::system_clock::now() - std::chrono::hours(1);
  EXPECT_TRUE(store->list("", [&](const BlobInfo& blob) { EXPECT_GT(blob.modified, recent); }));
  EXPECT_FALSE(store->copy("audio/none", "jobs/three/copy"));
  EXPECT_FALSE(fs::exists(folder.path() / "blobs" / "jobs"));
}

TEST(FileStoreTest, LeavesNoEmptyFolders) {
  const TemporaryFolder folder;
  const auto store = open_file_store(folder.path()).value();
  ASSERT_TRUE(put_blob(*store, "results/one/1.json", "1"));
  ASSERT_TRUE(put_blob(*store, "results/one/2.json", "2"));
  ASSERT_TRUE(store->remove("results/one/1.json"));
  EXPECT_EQ(listing(*store, ""), "results/one/2.json:1");
  ASSERT_TRUE(store->remove("results/one/2.json"));
  EXPECT_TRUE(fs::is_empty(folder.path() / "blobs"));
  ASSERT_TRUE(store->remove("results/one/2.json"));
  ASSERT_TRUE(put_blob(*store, "results/one/3.json", "3"));
}

TEST(FileStoreTest, WritesAndListsWhileFoldersGo) {
  const TemporaryFolder folder;
  const auto store = open_file_store(folder.path()).value();
  ASSERT_TRUE(put_blob(*store, "jobs/stays", "content"));
  std::atomic<int> failed = 0;
  const auto churn = [&](int number) {
    const std::string key = "jobs/one/" + std::to_string(number);
    for (int round = 0; round < 200; ++round) {
      const bool done = number % 2 == 0 ? put_blob(*store, key, "x").has_value()
                                        : store->copy("jobs/stays", key).has_value();
      if (!done || !store->remove(key)) ++failed;
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(churn, i);
  for (int round = 0; round < 200; ++round) {
    if (listing(*store, "jobs/").find("jobs/stays:7") == std::string::npos) ++failed;
  }
  threads.clear();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(listing(*store, ""), "jobs/stays:7");
}

TEST(FileStoreTest, KeepsBlobsThroughARestart) {
  const TemporaryFolder folder;
  {
    const auto store = open_file_store(folder.path()).value();
    ASSERT_TRUE(put_blob(*store, "one", "1"));
  }
  const auto store = open_file_store(folder.path()).value();
  EXPECT_EQ(get_blob(*store, "one", 10).value(), "1");
  EXPECT_EQ(files_below(folder.path()), 1u);
}

TEST(FileStoreTest, ShowsNoHalfBlobOfAKilledProcess) {
  const TemporaryFolder folder;
  const auto store = open_file_store(folder.path()).value();
  ASSERT_TRUE(put_blob(*store, "one", "whole"));
  std::unique_ptr<BlobWriter> writer;
  Child child([&] {
    writer = open_file_store(folder.path()).value()->create("one").value();
    if (!writer->write(bytes("ha"))) ::_exit(1);
  });
  EXPECT_EQ(store->sweep_unfinished(seconds(0)).value(), 0u) << "its writer lives";
  child.kill_9();
  EXPECT_EQ(get_blob(*store, "one", 100).value(), "whole");
  EXPECT_EQ(files_below(folder.path()), 2u);
  EXPECT_EQ(store->sweep_unfinished(seconds(3600)).value(), 0u) << "too young";
  EXPECT_EQ(store->sweep_unfinished(seconds(0)).value(), 1u);
  EXPECT_EQ(files_below(folder.path()), 1u);
}

TEST(FileStoreTest, TakesAFileAsNewWithoutCopyingIt) {
  const TemporaryFolder folder;
  const auto store = open_file_store(folder.path()).value();
  std::ofstream(folder / "file") << "sound";
  fs::last_write_time(folder / "file", fs::file_time_type::clock::now() - std::chrono::hours(48));
  struct stat before {};
  ASSERT_EQ(::stat((folder / "file").c_str(), &before), 0);
  EXPECT_TRUE(store->take_file(folder / "file", "audio/deep/one").value());
  struct stat after {};
  ASSERT_EQ(::stat(store->local_path("audio/deep/one")->c_str(), &after), 0);
  EXPECT_EQ(after.st_ino, before.st_ino);
  const auto recent = std::chrono::system_clock::now() - std::chrono::hours(1);
  EXPECT_TRUE(store->list("", [&](const BlobInfo& blob) { EXPECT_GT(blob.modified, recent); }));
  EXPECT_EQ(store->take_file(folder / "file", "audio/two").error().code, Errc::not_found);
}

TEST(FileStoreTest, TakesNoFileOfAnotherFileSystem) {
  const TemporaryFolder folder;
  const fs::path other = "/dev/shm/steno-test-" + std::to_string(::getpid());
  std::ofstream(other) << "sound";
  struct stat here {};
  struct stat there {};
  ASSERT_EQ(::stat(folder.path().c_str(), &here), 0);
  ASSERT_EQ(::stat(other.c_str(), &there), 0);
  const auto store = open_file_store(folder.path()).value();
  const auto taken = store->take_file(other, "audio/one");
  ASSERT_TRUE(taken);
  EXPECT_EQ(*taken, here.st_dev == there.st_dev);
  EXPECT_EQ(fs::remove(other), !*taken);
}

TEST(FileStoreTest, SaysWhichFolderItCannotUse) {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto failed = open_file_store(folder.path() / "file/store");
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, Errc::io);
  EXPECT_THAT(failed.error().message, HasSubstr("file/store/blobs: cannot be written to"));
  EXPECT_THAT(failed.error().message, HasSubstr("Not a directory"));
}

TEST(FileStoreTest, FollowsNoLink) {
  const TemporaryFolder folder;
  const auto store = open_file_store(folder.path()).value();
  fs::create_symlink("/etc/passwd", folder.path() / "blobs/link");
  EXPECT_FALSE(store->open("link").has_value());
  EXPECT_EQ(store->local_path("link"), std::nullopt);
  EXPECT_EQ(listing(*store, ""), "");
}

TEST(FileStoreTest, LeavesNothingOfAWriteThatFails) {
  const TemporaryFolder folder;
  const auto store = open_file_store(folder.path()).value();
  {
    const FileSizeLimit limit(4);
    const auto writer = store->create("one").value();
    const auto failed = writer->write(bytes("12345"));
    EXPECT_EQ(failed.error().code, Errc::io);
    EXPECT_THAT(failed.error().message, HasSubstr("blobs/one: cannot be written: File too large"));
    EXPECT_EQ(writer->write(bytes("6")).error().code, Errc::io);
    EXPECT_EQ(writer->commit().error().code, Errc::io);
  }
  EXPECT_EQ(store->open("one").error().code, Errc::not_found);
  EXPECT_EQ(files_below(folder.path()), 0u);
}

TEST(FileStoreTest, ReportsAFullDiskAndRecovers) {
  const TemporaryFolder folder;
  if (::mount("none", folder.path().c_str(), "tmpfs", 0, "size=256k") != 0) {
    // Not a skip, because set-up cannot change it.
    std::puts("no right to mount a small file system");
    return;
  }
  const auto store = open_file_store(folder.path()).value();
  const std::string large(200 << 10, 'x');
  const auto staging = open_file_staging(folder.path() / "staging").value();
  EXPECT_LE(store->free_bytes().value().value(), 256u << 10);
  EXPECT_LE(staging->free_bytes().value().value(), 256u << 10);
  ASSERT_TRUE(put_blob(*store, "one", large));
  const auto failed = put_blob(*store, "two", large);
  EXPECT_EQ(failed.error().code, Errc::no_space);
  EXPECT_THAT(failed.error().message, HasSubstr("blobs/two: cannot be written: No space left"));
  EXPECT_EQ(append(*staging, "up", 0, large).error().code, Errc::no_space);
  EXPECT_TRUE(open_file_store(folder.path()).has_value()) << "a full disk keeps no service down";

  const std::uint64_t received = staging->size("up").value();
  EXPECT_GT(received, 0u);
  ASSERT_TRUE(store->remove("one"));
  EXPECT_TRUE(append(*staging, "up", received, large.substr(received)));
  EXPECT_TRUE(staging->finish("up", *store, "three"));
  EXPECT_EQ(get_blob(*store, "three", large.size()).value(), large);
  EXPECT_EQ(files_below(folder.path()), 1u);
  ASSERT_EQ(::umount2(folder.path().c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace steno::blob
