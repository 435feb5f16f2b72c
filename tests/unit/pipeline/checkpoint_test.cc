#include "pipeline/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "unit/base/until.h"
#include "unit/pipeline/memory_checkpoints.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Checkpoint, GivesTheNextAttemptWhatWasRecorded) {
  MemoryCheckpoints store;
  {
    Checkpoint first(store, "words", "model");
    first.record("one", "1");
    first.record("two", std::string("2\0", 2));
  }
  Checkpoint second(store, "words", "model");
  EXPECT_EQ(second.take("one"), "1");
  EXPECT_EQ(second.take("one"), std::nullopt);  // once
  EXPECT_EQ(second.take("two"), std::string("2\0", 2));
  EXPECT_EQ(second.take("three"), std::nullopt);
  EXPECT_THAT(store.notes, ElementsAre(HasSubstr("continues")));
}

/// A worker that is killed runs no destructor.
TEST(Checkpoint, IsWrittenWhileTheWorkGoesOn) {
  MemoryCheckpoints store;
  Checkpoint checkpoint(store, "words", "model");
  for (const char* key : {"one", "two", "three"}) {
    const size_t before = store.parts("words").size();
    checkpoint.record(key, "1");
    EXPECT_TRUE(until([&] { return store.parts("words").size() > before; })) << key;
  }
}

TEST(Checkpoint, WritesManyRecordsInFewParts) {
  MemoryCheckpoints store;
  {
    Checkpoint checkpoint(store, "voices", "model");
    for (int i = 0; i < 10'000; ++i) checkpoint.record(std::to_string(i), "1");
  }
  EXPECT_LT(store.all.size(), 200u);
  Checkpoint next(store, "voices", "model");
  for (int i = 0; i < 10'000; ++i) EXPECT_TRUE(next.take(std::to_string(i))) << i;
}

TEST(Checkpoint, PutsManyPartsTogether) {
  MemoryCheckpoints store;
  for (int i = 0; i < 100; ++i) {
    Checkpoint checkpoint(store, "words", "model");
    checkpoint.record(std::to_string(i), "1");
  }
  EXPECT_LT(store.all.size(), 70u);
  Checkpoint last(store, "words", "model");
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(last.take(std::to_string(i))) << i;
}

TEST(Checkpoint, OfAnotherModelIsIgnoredWithANote) {
  MemoryCheckpoints store;
  Checkpoint(store, "words", "tiny.en").record("one", "1");
  Checkpoint other(store, "words", "base");
  EXPECT_EQ(other.take("one"), std::nullopt);
  EXPECT_THAT(store.notes, ElementsAre(HasSubstr("ignored")));
  Checkpoint other_stage(store, "voices", "tiny.en");
  EXPECT_EQ(other_stage.take("one"), std::nullopt);
}

TEST(Checkpoint, IsGoneWhenTheOutputIsKept) {
  MemoryCheckpoints store;
  Checkpoint(store, "words", "model").record("one", "1");
  Checkpoint(store, "voices", "model").record("one", "1");
  Checkpoint last(store, "words", "model");
  last.record("two", "2");
  last.discard();
  last.record("three", "3");
  EXPECT_THAT(store.parts("words"), IsEmpty());
  EXPECT_THAT(store.parts("voices"), SizeIs(1));
}

TEST(Checkpoint, RecordsNothingOnceItIsClosed) {
  MemoryCheckpoints store;
  Checkpoint checkpoint(store, "words", "model");
  checkpoint.record("one", "1");
  checkpoint.close();
  const auto parts = store.all;
  checkpoint.record("two", "2");
  checkpoint.close();
  EXPECT_EQ(store.all, parts);
}

TEST(Checkpoint, IsNoNeedOfTheWork) {
  MemoryCheckpoints store;
  store.is_broken = true;
  Checkpoint checkpoint(store, "words", "model");
  checkpoint.record("one", "1");
  checkpoint.close();
  EXPECT_THAT(store.all, IsEmpty());
}

/// Whatever happens to a part: it is read as it was, or not at all.
TEST(Checkpoint, ThatIsDamagedIsIgnored) {
  MemoryCheckpoints whole;
  {
    Checkpoint checkpoint(whole, "words", "model");
    for (int i = 0; i < 20; ++i) checkpoint.record("key " + std::to_string(i), "result");
  }
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    MemoryCheckpoints store;
    for (const auto& [id, content] : whole.all) {
      std::string bytes = content;
      const size_t at = random() % bytes.size();
      if (round % 2 == 0) {
        bytes.resize(at);
      } else {
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random() % 8)));
      }
      store.all[id] = bytes;
    }
    Checkpoint checkpoint(store, "words", "model");
    EXPECT_EQ(checkpoint.take("key 0"), std::nullopt);
    EXPECT_THAT(store.notes, ElementsAre(HasSubstr("ignored")));
  }
}

TEST(Checkpoint, TakesRecordsFromManyThreads) {
  MemoryCheckpoints store;
  {
    Checkpoint checkpoint(store, "words", "model");
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 500; ++i) {
          checkpoint.record(std::to_string(thread) + "/" + std::to_string(i), "1");
          (void)checkpoint.take("none");
        }
      });
    }
  }
  Checkpoint next(store, "words", "model");
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(next.take("3/" + std::to_string(i)));
}

}  // namespace
}  // namespace steno
