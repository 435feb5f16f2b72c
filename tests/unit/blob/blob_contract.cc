#include "blob_contract.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

#include "unit/base/temporary_folder.h"

namespace steno::blob {

using std::chrono::seconds;

std::string listing(BlobStore& store, std::string_view prefix) {
  std::set<std::string> found;
  const auto add = [&](const BlobInfo& info) {
    found.insert(info.key + ":" + std::to_string(info.size));
  };
  EXPECT_TRUE(store.list(prefix, add));
  std::string text;
  for (const std::string& blob : found) text += (text.empty() ? "" : " ") + blob;
  return text;
}

namespace {

TEST_P(BlobContract, GivesBackWhatWasWritten) {
  auto writer = store_->create("audio/ab/one").value();
  ASSERT_TRUE(writer->write(bytes("hello ")));
  ASSERT_TRUE(writer->write({}));
  ASSERT_TRUE(writer->write(bytes("world")));
  ASSERT_TRUE(writer->commit());
  writer.reset();

  EXPECT_EQ(get_blob(*store_, "audio/ab/one", 11).value(), "hello world");
  EXPECT_EQ(blob_size(*store_, "audio/ab/one").value(), 11u);
  EXPECT_EQ(code_of(get_blob(*store_, "audio/ab/one", 10)), Errc::io);

  const auto reader = store_->open("audio/ab/one").value();
  std::string part(8, '-');
  EXPECT_EQ(reader->read(6, std::as_writable_bytes(std::span(part))).value(), 5u);
  EXPECT_EQ(part, "world---");
  EXPECT_EQ(reader->read(11, std::as_writable_bytes(std::span(part))).value(), 0u);
  EXPECT_EQ(reader->read(1u << 30, std::as_writable_bytes(std::span(part))).value(), 0u);

  ASSERT_TRUE(put_blob(*store_, "empty", ""));
  EXPECT_EQ(get_blob(*store_, "empty", 0).value(), "");
}

TEST_P(BlobContract, CopiesWhatThenStandsByItself) {
  ASSERT_TRUE(put_blob(*store_, "audio/one", "content"));
  ASSERT_TRUE(store_->copy("audio/one", "jobs/two/copy"));
  ASSERT_TRUE(put_blob(*store_, "audio/one", "other"));
  EXPECT_EQ(get_blob(*store_, "jobs/two/copy", 100).value(), "content");
  ASSERT_TRUE(store_->remove("jobs/two/copy"));
  EXPECT_EQ(get_blob(*store_, "audio/one", 100).value(), "other");

  ASSERT_TRUE(store_->copy("audio/one", "jobs/two/copy"));
  ASSERT_TRUE(store_->remove("audio/one"));
  EXPECT_EQ(get_blob(*store_, "jobs/two/copy", 100).value(), "other");
}

TEST_P(BlobContract, CopiesNothingThatIsNotThereAndOverNothingThatIs) {
  EXPECT_EQ(code_of(store_->copy("audio/none", "audio/two")), Errc::not_found);
  EXPECT_EQ(listing(*store_, ""), "");
  ASSERT_TRUE(put_blob(*store_, "audio/one", "1"));
  ASSERT_TRUE(put_blob(*store_, "audio/two", "22"));
  EXPECT_EQ(code_of(store_->copy("audio/one", "audio/two")), Errc::conflict);
  EXPECT_EQ(code_of(store_->copy("audio/one", "audio/one")), Errc::conflict);
  EXPECT_EQ(code_of(store_->copy("../one", "audio/three")), Errc::invalid_argument);
  EXPECT_EQ(code_of(store_->copy("audio/one", "/etc/three")), Errc::invalid_argument);
  EXPECT_EQ(listing(*store_, ""), "audio/one:1 audio/two:2");
}

TEST_P(BlobContract, ShowsNothingBeforeCommit) {
  {
    auto writer = store_->create("one").value();
    ASSERT_TRUE(writer->write(bytes("half")));
    EXPECT_EQ(code_of(store_->open("one")), Errc::not_found);
    EXPECT_EQ(store_->local_path("one"), std::nullopt);
    EXPECT_EQ(listing(*store_, ""), "");
    EXPECT_EQ(store_->sweep_unfinished(seconds(0)).value(), 0u) << "it has a writer";
    ASSERT_TRUE(writer->write(bytes("half")));
  }
  EXPECT_EQ(code_of(store_->open("one")), Errc::not_found);
  EXPECT_EQ(listing(*store_, ""), "");
  EXPECT_EQ(store_->sweep_unfinished(seconds(0)).value(), 0u) << "the writer left something";
}

TEST_P(BlobContract, ReplacesWithoutDisturbingReaders) {
  ASSERT_TRUE(put_blob(*store_, "one", "old"));
  const auto reader = store_->open("one").value();
  ASSERT_TRUE(put_blob(*store_, "one", "newer"));
  EXPECT_EQ(get_blob(*store_, "one", 100).value(), "newer");
  ASSERT_TRUE(store_->remove("one"));
  std::string text(3, '-');
  EXPECT_EQ(reader->read(0, std::as_writable_bytes(std::span(text))).value(), 3u);
  EXPECT_EQ(text, "old");
}

TEST_P(BlobContract, RemovesAndReportsMissingBlobs) {
  EXPECT_TRUE(store_->remove("none"));
  EXPECT_TRUE(store_->remove("no/such/folder"));
  EXPECT_EQ(code_of(store_->open("no/such/folder")), Errc::not_found);
  ASSERT_TRUE(put_blob(*store_, "a/b", "x"));
  EXPECT_EQ(code_of(store_->open("a")), Errc::not_found) << "a folder is no blob";
  EXPECT_EQ(code_of(store_->open("a/b/c")), Errc::not_found) << "a blob is no folder";
  EXPECT_TRUE(store_->remove("a/b/c"));
  ASSERT_TRUE(store_->remove("a/b"));
  EXPECT_EQ(code_of(store_->open("a/b")), Errc::not_found);
  EXPECT_EQ(listing(*store_, ""), "");
}

TEST_P(BlobContract, ListsByPrefix) {
  for (const char* const key :
       {"audio/ab/1", "audio/ab/2", "audio/ac/3", "audiobook", "results/1.json"}) {
    ASSERT_TRUE(put_blob(*store_, key, "x"));
  }
  EXPECT_EQ(listing(*store_, "audio/ab/"), "audio/ab/1:1 audio/ab/2:1");
  EXPECT_EQ(listing(*store_, "audio/a"), "audio/ab/1:1 audio/ab/2:1 audio/ac/3:1");
  EXPECT_EQ(listing(*store_, "audio"), "audio/ab/1:1 audio/ab/2:1 audio/ac/3:1 audiobook:1");
  EXPECT_EQ(listing(*store_, "audio/ab/1"), "audio/ab/1:1");
  EXPECT_EQ(listing(*store_, "none/"), "");
  EXPECT_EQ(listing(*store_, "audiobook/"), "");
  EXPECT_EQ(listing(*store_, "../"), "");

  const auto before = std::chrono::system_clock::now() - seconds(3600);
  const auto drop = [&](const BlobInfo& info) {
    EXPECT_GT(info.modified, before);
    EXPECT_TRUE(store_->remove(info.key));
  };
  ASSERT_TRUE(store_->list("", drop));
  EXPECT_EQ(listing(*store_, ""), "");
}

TEST_P(BlobContract, RefusesBadKeys) {
  for (const std::string& key :
       {std::string(), std::string("/etc/passwd"), std::string(".."), std::string("a/../b"),
        std::string("a//b"), std::string("a/"), std::string(".hidden"), std::string("a b"),
        std::string("a\\b"), std::string("a\0b", 3), std::string("caf\xc3\xa9"),
        std::string(101, 'a'), std::string("1/2/3/4/5/6/7/8/9")}) {
    EXPECT_FALSE(is_valid_key(key)) << key;
    EXPECT_EQ(code_of(store_->create(key)), Errc::invalid_argument) << key;
    EXPECT_EQ(code_of(store_->open(key)), Errc::invalid_argument) << key;
    EXPECT_EQ(code_of(store_->remove(key)), Errc::invalid_argument) << key;
    EXPECT_EQ(store_->local_path(key), std::nullopt) << key;
    EXPECT_EQ(code_of(store_->take_file("/no/file", key)), Errc::invalid_argument) << key;
  }
  for (const std::string& key : {std::string("A-z_0.json"), std::string("1/2/3/4/5/6/7/8"),
                                 std::string(100, 'a'), std::string("a..b")}) {
    EXPECT_TRUE(put_blob(*store_, key, key)) << key;
    EXPECT_EQ(get_blob(*store_, key, 100).value(), key);
  }
}

TEST_P(BlobContract, KnowsItsFreeSpaceOrHasNone) {
  const auto free = store_->free_bytes();
  ASSERT_TRUE(free);
  EXPECT_GT(free->value_or(1), 0u);
}

TEST_P(BlobContract, TakesAFileOrLeavesIt) {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "content";
  const auto taken = store_->take_file(folder / "file", "audio/one");
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(std::filesystem::exists(folder / "file"), !*taken);
  EXPECT_EQ(listing(*store_, ""), *taken ? "audio/one:7" : "");
}

TEST_P(BlobContract, IsSharedByThreads) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 20;
  std::atomic<int> torn = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const std::string own = "own/" + std::to_string(i);
      for (int round = 0; round < kRounds; ++round) {
        const std::string text(1000 + round, static_cast<char>('a' + i));
        if (!put_blob(*store_, "shared", text) || !put_blob(*store_, own, text)) ++torn;
        const auto shared = get_blob(*store_, "shared", 10000);
        if (!shared || shared->find_first_not_of(shared->front()) != std::string::npos) ++torn;
        if (get_blob(*store_, own, 10000) != text) ++torn;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(store_->sweep_unfinished(seconds(0)).value(), 0u);
}

}  // namespace
}  // namespace steno::blob
