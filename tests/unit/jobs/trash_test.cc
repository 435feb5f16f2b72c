#include "jobs/trash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "blob/file/file_store.h"
#include "blob/memory/memory_store.h"
#include "unit/base/temporary_folder.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

bool never_stop() { return true; }

class TrashTest : public testing::TestWithParam<const char*> {
 protected:
  void put(const std::string& key, const std::string& content) {
    ASSERT_TRUE(blob::put_blob(*blobs_, key, content));
  }
  std::string content_of(const std::string& key) {
    return blob::get_blob(*blobs_, key, 100).value_or("");
  }
  std::vector<std::string> trash() {
    std::vector<std::string> keys;
    const auto listed = list_trash(*blobs_).value();
    for (const auto& blob : listed) keys.push_back(blob.key);
    return keys;
  }

  TemporaryFolder folder_;
  std::unique_ptr<blob::BlobStore> blobs_ = GetParam() == std::string("file")
                                                ? blob::open_file_store(folder_.path()).value()
                                                : blob::make_memory_store();
};

TEST_P(TrashTest, KeepsWhatItGetsAndGivesItBack) {
  put("audio/1", "one");
  ASSERT_TRUE(move_to_trash(*blobs_, "audio/1"));
  EXPECT_EQ(content_of("audio/1"), "");
  EXPECT_THAT(trash(), ElementsAre("audio/1"));
  ASSERT_TRUE(put_back(*blobs_, "audio/1"));
  EXPECT_EQ(content_of("audio/1"), "one");
  EXPECT_THAT(trash(), IsEmpty());
  EXPECT_EQ(put_back(*blobs_, "audio/1").error().code, Errc::not_found);
  EXPECT_TRUE(move_to_trash(*blobs_, "audio/2")) << "a missing blob is no error";
}

TEST_P(TrashTest, KeepsTheLastBlobOfAKey) {
  put("audio/1", "one");
  ASSERT_TRUE(move_to_trash(*blobs_, "audio/1"));
  put("audio/1", "two");
  EXPECT_EQ(put_back(*blobs_, "audio/1").error().code, Errc::conflict);
  ASSERT_TRUE(move_to_trash(*blobs_, "audio/1"));
  ASSERT_TRUE(put_back(*blobs_, "audio/1"));
  EXPECT_EQ(content_of("audio/1"), "two");
}

TEST_P(TrashTest, IsEmptiedByTheTimeOfTheMove) {
  put("audio/1", "one");
  put("audio/2", "two");
  ASSERT_TRUE(move_to_trash(*blobs_, "audio/1"));
  const Time now = SystemClock().now();
  EXPECT_EQ(empty_trash(*blobs_, now - std::chrono::hours(1), never_stop), 0);
  EXPECT_EQ(empty_trash(*blobs_, now + std::chrono::hours(1), [] { return false; }), 0);
  EXPECT_EQ(empty_trash(*blobs_, now + std::chrono::hours(1), never_stop), 1);
  EXPECT_THAT(trash(), IsEmpty());
  EXPECT_EQ(content_of("audio/2"), "two");
}

INSTANTIATE_TEST_SUITE_P(Blobs, TrashTest, testing::Values("file", "memory"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace steno
