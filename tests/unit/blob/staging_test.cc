#include "blob/staging.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "blob/file/file_staging.h"
#include "blob/file/file_store.h"
#include "blob/memory/memory_staging.h"
#include "blob/memory/memory_store.h"
#include "blob_contract.h"
#include "child_process.h"
#include "file_size_limit.h"
#include "no_local_path.h"
#include "staging_contract.h"
#include "unit/base/temporary_folder.h"

namespace steno::blob {
namespace {

namespace fs = std::filesystem;

/// The result of `open` in a new folder, which is removed with it.
template <class Opened>
std::shared_ptr<Opened> in_a_new_folder(
    Result<std::unique_ptr<Opened>> (*open)(const fs::path& folder)) {
  struct Both {
    TemporaryFolder folder;
    std::unique_ptr<Opened> opened;
  };
  auto both = std::make_shared<Both>();
  both->opened = open(both->folder.path()).value();
  return {both, both->opened.get()};
}

std::shared_ptr<UploadStaging> files() { return in_a_new_folder(open_file_staging); }
std::shared_ptr<UploadStaging> memory() { return make_memory_staging(); }
std::shared_ptr<BlobStore> file_blobs() { return in_a_new_folder(open_file_store); }
std::shared_ptr<BlobStore> memory_blobs() { return make_memory_store(); }
std::shared_ptr<BlobStore> distant_blobs() { return std::make_shared<NoLocalPath>(file_blobs()); }

const StagingBackend kBackends[] = {
    {"files_to_files", files, file_blobs},
    {"files_to_memory", files, memory_blobs},
    {"files_to_a_distant_store", files, distant_blobs},
    {"memory_to_files", memory, file_blobs},
    {"memory_to_memory", memory, memory_blobs},
};

INSTANTIATE_TEST_SUITE_P(Backends, StagingContract, testing::ValuesIn(kBackends),
                         [](const auto& backend) { return backend.param.name; });

TEST(FileStaging, KeepsUploadsThroughARestart) {
  const TemporaryFolder folder;
  ASSERT_TRUE(append(*open_file_staging(folder.path()).value(), "up", 0, "half"));
  const auto staging = open_file_staging(folder.path()).value();
  EXPECT_EQ(staging->size("up").value(), 4u);
  ASSERT_TRUE(append(*staging, "up", 4, " and half"));
  const auto blobs = make_memory_store();
  ASSERT_TRUE(staging->finish("up", *blobs, "two"));
  EXPECT_EQ(get_blob(*blobs, "two", 100).value(), "half and half");
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(FileStaging, KeepsTheUploadOfAKilledProcess) {
  const TemporaryFolder folder;
  const auto staging = open_file_staging(folder.path()).value();
  std::unique_ptr<UploadStaging> its_staging;
  std::unique_ptr<StagedWriter> writer;
  Child child([&] {
    its_staging = open_file_staging(folder.path()).value();
    writer = its_staging->open("up", 0).value();
    if (!writer->write(bytes("half"))) ::_exit(1);
  });
  EXPECT_EQ(staging->open("up", 4).error().code, Errc::conflict) << "its writer lives";
  child.kill_9();
  EXPECT_EQ(staging->size("up").value(), 4u);
  EXPECT_TRUE(append(*staging, "up", 4, " and half"));
}

TEST(FileStaging, KeepsTheUploadWhenTheStoreTakesNothing) {
  const TemporaryFolder folder;
  const auto staging = open_file_staging(folder.path()).value();
  ASSERT_TRUE(append(*staging, "up", 0, "too much"));
  const auto full = make_memory_store(3);
  EXPECT_EQ(staging->finish("up", *full, "one").error().code, Errc::no_space);
  EXPECT_EQ(staging->size("up").value(), 8u);
  const auto blobs = make_memory_store();
  EXPECT_TRUE(staging->finish("up", *blobs, "one"));
}

TEST(FileStaging, KeepsTheBytesBeforeAWriteThatFails) {
  const TemporaryFolder folder;
  const auto staging = open_file_staging(folder.path()).value();
  {
    const FileSizeLimit limit(4);
    const auto upload = staging->open("up", 0).value();
    EXPECT_EQ(upload->write(bytes("12345")).error().code, Errc::io);
    EXPECT_EQ(upload->offset(), 4u);
  }
  EXPECT_EQ(staging->size("up").value(), 4u);
  EXPECT_TRUE(append(*staging, "up", 4, "5"));
}

TEST(FileStaging, FollowsNoLink) {
  const TemporaryFolder folder;
  const auto staging = open_file_staging(folder.path()).value();
  fs::create_symlink("/etc/passwd", folder / "link");
  EXPECT_FALSE(staging->open("link", 0).has_value());
}

TEST(MemoryStaging, IsFullAtItsCapacity) {
  const auto staging = make_memory_staging(5);
  EXPECT_EQ(append(*staging, "up", 0, "123456").error().code, Errc::no_space);
  ASSERT_TRUE(append(*staging, "up", 0, "12345"));
  EXPECT_EQ(staging->free_bytes().value(), 0u);
  ASSERT_TRUE(staging->drop("up"));
  EXPECT_EQ(staging->free_bytes().value(), 5u);
}

}  // namespace
}  // namespace steno::blob
