#include "worker/model_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <latch>
#include <thread>

#include "test_paths.h"
#include "unit/base/temporary_folder.h"
#include "unit/base/until.h"
#include "unit/pipeline/asr/scripted_engine.h"
#include "unit/pipeline/vad/golden.h"

namespace steno {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using Loaded = Result<std::shared_ptr<Pipeline>>;

Loaded make_pipeline() {
  asr::ScriptedModel scripted([](const asr::SearchCall&) { return asr::Hypothesis(); });
  return std::make_shared<Pipeline>(std::shared_ptr<asr::SpeechModel>(std::move(scripted.model)),
                                    vad::silero());
}

/// A cache of models "a", "b" and "c" of equal size, with capacity for two.
struct Shelf {
  Shelf() {
    for (const char* name : {"a", "b", "c"}) {
      fs::create_directory_symlink(STENO_MODELS "/tiny.en", folder / name);
    }
  }
  std::uint64_t one() const {
    std::uint64_t least = fs::file_size(STENO_MODELS "/tiny.en/model.bin");
    const fs::path smaller = STENO_MODELS "/tiny.en/model.int8.bin";
    return fs::exists(smaller) ? std::min<std::uint64_t>(least, fs::file_size(smaller)) : least;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const CachedModel& model : cache.loaded()) all.push_back(model.name);
    return all;
  }
  std::shared_ptr<Pipeline> get(const std::string& name) { return cache.get(name, {}).value(); }

  TemporaryFolder folder;
  std::atomic<int> loads = 0;
  std::function<Loaded()> load = make_pipeline;
  ModelCache cache{models::Library({folder.path().string()}), DeviceOptions(), 2 * one(),
                   [this](const asr::EngineConfig&) {
                     ++loads;
                     return load();
                   }};
};

TEST(ModelCache, LoadsAModelOnceForAllJobs) {
  Shelf shelf;
  constexpr int kJobs = 4;
  std::latch all(kJobs);
  std::vector<std::shared_ptr<Pipeline>> given(kJobs);
  {
    std::vector<std::jthread> jobs;
    for (int i = 0; i < kJobs; ++i) {
      jobs.emplace_back([&, i] {
        all.arrive_and_wait();
        given[static_cast<size_t>(i)] = shelf.get("a");
      });
    }
  }
  EXPECT_EQ(shelf.loads, 1);
  EXPECT_EQ(shelf.cache.loaded()[0].users, kJobs);
  EXPECT_EQ(shelf.cache.loaded()[0].bytes, shelf.one());
  for (auto& pipeline : given) pipeline.reset();
  EXPECT_EQ(shelf.cache.loaded()[0].users, 0);
  shelf.get("a");
  EXPECT_EQ(shelf.loads, 1);
}

TEST(ModelCache, MakesRoomOfWhatWasUsedLongestAgo) {
  Shelf shelf;
  shelf.get("a");
  shelf.get("b");
  shelf.get("a");
  shelf.get("c");
  EXPECT_THAT(shelf.names(), ElementsAre("a", "c"));
}

TEST(ModelCache, NeverTakesAwayWhatIsInUse) {
  Shelf shelf;
  const auto used = shelf.get("a");
  shelf.get("b");
  shelf.get("c");
  EXPECT_THAT(shelf.names(), ElementsAre("a", "c"));
}

TEST(ModelCache, WaitsForRoomUntilItIsStopped) {
  Shelf shelf;
  auto first = shelf.get("a");
  const auto second = shelf.get("b");
  std::stop_source stop;
  auto stopped =
      std::async(std::launch::async, [&] { return shelf.cache.get("c", stop.get_token()); });
  auto patient = std::async(std::launch::async, [&] { return shelf.cache.get("c", {}); });
  stop.request_stop();
  EXPECT_EQ(stopped.get().error().code, Errc::cancelled);
  first.reset();
  EXPECT_TRUE(patient.get());
  EXPECT_THAT(shelf.names(), ElementsAre("b", "c"));
}

TEST(ModelCache, ServesWaitingCallersInOrder) {
  Shelf shelf;
  auto first = shelf.get("a");
  const auto second = shelf.get("b");
  auto patient = std::async(std::launch::async, [&] { return shelf.cache.get("c", {}); });
  const auto who_comes_later_waits = [&] {
    std::stop_source stop;
    auto later =
        std::async(std::launch::async, [&] { return shelf.cache.get("a", stop.get_token()); });
    later.wait_for(std::chrono::milliseconds(50));
    stop.request_stop();
    return !later.get();
  };
  EXPECT_TRUE(until(who_comes_later_waits));
  first.reset();
  EXPECT_TRUE(patient.get());
}

TEST(ModelCache, LoadsAModelLargerThanTheBudgetByItself) {
  TemporaryFolder folder;
  fs::create_directory_symlink(STENO_MODELS "/tiny.en", folder / "a");
  ModelCache cache(models::Library({folder.path().string()}), DeviceOptions(), 1,
                   [](const asr::EngineConfig&) { return make_pipeline(); });
  EXPECT_TRUE(cache.get("a", {}));
}

TEST(ModelCache, ForgetsWhatCouldNotBeLoaded) {
  Shelf shelf;
  shelf.load = [&]() -> Loaded {
    return fail(Errc::bad_model, (shelf.folder / "a").string() + "/model.bin: damaged");
  };
  const auto failed = shelf.cache.get("a", {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, (shelf.folder / "a").string() + "/model.bin: damaged");
  EXPECT_TRUE(shelf.cache.loaded().empty());
  shelf.load = []() -> Loaded { throw std::runtime_error("no memory"); };
  EXPECT_THROW((void)shelf.cache.get("a", {}), std::runtime_error);
  EXPECT_TRUE(shelf.cache.loaded().empty());
  shelf.load = make_pipeline;
  EXPECT_TRUE(shelf.cache.get("a", {}));
}

TEST(ModelCache, SaysWhatIsNotInstalled) {
  Shelf shelf;
  EXPECT_EQ(shelf.cache.get("tiny", {}).error().code, Errc::not_found);
}

}  // namespace
}  // namespace steno
