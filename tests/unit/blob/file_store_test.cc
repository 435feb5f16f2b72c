#include "blob/file/file_store.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "blob_contract.h"

namespace steno::blob {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using ::testing::HasSubstr;

/// A new, empty folder, removed with the object.
class Folder {
 public:
  Folder() {
    static std::atomic<int> counter = 0;
    path_ = fs::temp_directory_path() / ("steno_file_store_test." + std::to_string(::getpid()) +
                                         "." + std::to_string(counter++));
    fs::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::shared_ptr<BlobStore> store_in_a_new_folder() {
  struct Both {
    Folder folder;
    std::unique_ptr<BlobStore> store;
  };
  auto both = std::make_shared<Both>();
  both->store = open_file_store(both->folder.path()).value();
  return {both, both->store.get()};
}

INSTANTIATE_TEST_SUITE_P(File, BlobContract, ::testing::Values(store_in_a_new_folder));

std::size_t files_below(const fs::path& folder) {
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_directory()) ++files;
  }
  return files;
}

/// Runs `work` in a process of its own, which then waits to be killed. Returns when `work` is done.
class Child {
 public:
  explicit Child(const std::function<void()>& work) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    id_ = ::fork();
    if (id_ == 0) {
      work();
      (void)!::write(ends[1], "x", 1);
      for (;;) ::pause();
    }
    ::close(ends[1]);
    char done = 0;
    EXPECT_EQ(::read(ends[0], &done, 1), 1) << "the child ended early";
    ::close(ends[0]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { kill_9(); }

  void kill_9() {
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    ::waitpid(std::exchange(id_, 0), nullptr, 0);
  }

 private:
  pid_t id_ = 0;
};

TEST(FileStoreTest, GivesAFileForTheDecoder) {
  const Folder folder;
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
  const Folder folder;
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
  const Folder folder;
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
  const Folder folder;
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

TEST(FileStoreTest, KeepsUploadsAndBlobsThroughARestart) {
  const Folder folder;
  {
    const auto store = open_file_store(folder.path()).value();
    ASSERT_TRUE(put_blob(*store, "one", "1"));
    ASSERT_TRUE(append(*store, "up", 0, "half"));
  }
  const auto store = open_file_store(folder.path()).value();
  EXPECT_EQ(get_blob(*store, "one", 10).value(), "1");
  EXPECT_EQ(store->partials().size("up").value(), 4u);
  ASSERT_TRUE(append(*store, "up", 4, " and half"));
  ASSERT_TRUE(store->partials().finish("up", "two"));
  EXPECT_EQ(get_blob(*store, "two", 100).value(), "half and half");
  EXPECT_EQ(files_below(folder.path()), 2u);
}

TEST(FileStoreTest, ShowsNoHalfBlobOfAKilledProcess) {
  const Folder folder;
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

TEST(FileStoreTest, KeepsTheUploadOfAKilledProcess) {
  const Folder folder;
  const auto store = open_file_store(folder.path()).value();
  std::unique_ptr<BlobStore> its_store;
  std::unique_ptr<PartialWriter> writer;
  Child child([&] {
    its_store = open_file_store(folder.path()).value();
    writer = its_store->partials().open("up", 0).value();
    if (!writer->write(bytes("half"))) ::_exit(1);
  });
  EXPECT_EQ(store->partials().open("up", 4).error().code, Errc::conflict) << "its writer lives";
  child.kill_9();
  EXPECT_EQ(store->partials().size("up").value(), 4u);
  EXPECT_TRUE(append(*store, "up", 4, " and half"));
}

TEST(FileStoreTest, SaysWhichFolderItCannotUse) {
  const Folder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto failed = open_file_store(folder.path() / "file/store");
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, Errc::io);
  EXPECT_THAT(failed.error().message, HasSubstr("file/store/blobs: cannot be written to"));
  EXPECT_THAT(failed.error().message, HasSubstr("Not a directory"));
}

TEST(FileStoreTest, FollowsNoLink) {
  const Folder folder;
  const auto store = open_file_store(folder.path()).value();
  fs::create_symlink("/etc/passwd", folder.path() / "blobs/link");
  fs::create_symlink("/etc/passwd", folder.path() / "partial/link");
  EXPECT_FALSE(store->open("link").has_value());
  EXPECT_EQ(store->local_path("link"), std::nullopt);
  EXPECT_FALSE(store->partials().open("link", 0).has_value());
  EXPECT_EQ(listing(*store, ""), "");
}

/// Lets no file of this process grow beyond `bytes`, as long as it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  sighandler_t old_handler_ = SIG_DFL;
};

TEST(FileStoreTest, LeavesNothingOfAWriteThatFails) {
  const Folder folder;
  const auto store = open_file_store(folder.path()).value();
  {
    const FileSizeLimit limit(4);
    const auto writer = store->create("one").value();
    const auto failed = writer->write(bytes("12345"));
    EXPECT_EQ(failed.error().code, Errc::io);
    EXPECT_THAT(failed.error().message, HasSubstr("blobs/one: cannot be written: File too large"));
    EXPECT_EQ(writer->write(bytes("6")).error().code, Errc::io);
    EXPECT_EQ(writer->commit().error().code, Errc::io);

    const auto upload = store->partials().open("up", 0).value();
    EXPECT_EQ(upload->write(bytes("12345")).error().code, Errc::io);
    EXPECT_EQ(upload->offset(), 4u) << "what fitted is kept";
  }
  EXPECT_EQ(store->open("one").error().code, Errc::not_found);
  EXPECT_EQ(store->partials().size("up").value(), 4u);
  EXPECT_EQ(files_below(folder.path()), 1u);
  EXPECT_TRUE(append(*store, "up", 4, "5"));
}

TEST(FileStoreTest, ReportsAFullDiskAndRecovers) {
  const Folder folder;
  if (::mount("none", folder.path().c_str(), "tmpfs", 0, "size=256k") != 0) {
    // Not a skip: no set-up can mend it.
    std::puts("no right to mount a small file system");
    return;
  }
  const auto store = open_file_store(folder.path()).value();
  const std::string large(200 << 10, 'x');
  EXPECT_LE(store->free_bytes().value(), 256u << 10);
  ASSERT_TRUE(put_blob(*store, "one", large));
  const auto failed = put_blob(*store, "two", large);
  EXPECT_EQ(failed.error().code, Errc::no_space);
  EXPECT_THAT(failed.error().message, HasSubstr("blobs/two: cannot be written: No space left"));
  EXPECT_EQ(append(*store, "up", 0, large).error().code, Errc::no_space);
  EXPECT_TRUE(open_file_store(folder.path()).has_value()) << "a full disk keeps no service down";

  const std::uint64_t received = store->partials().size("up").value();
  EXPECT_GT(received, 0u);
  ASSERT_TRUE(store->remove("one"));
  EXPECT_TRUE(append(*store, "up", received, large.substr(received)));
  EXPECT_TRUE(store->partials().finish("up", "three"));
  EXPECT_EQ(get_blob(*store, "three", large.size()).value(), large);
  EXPECT_EQ(files_below(folder.path()), 1u);
  ASSERT_EQ(::umount2(folder.path().c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace steno::blob
