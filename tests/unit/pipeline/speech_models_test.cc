#include "pipeline/speech_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>

#include "unit/pipeline/asr/scripted_engine.h"
#include "unit/pipeline/fake_call.h"
#include "unit/pipeline/vad/golden.h"

namespace steno {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Loaded = Result<std::shared_ptr<Pipeline>>;

asr::EngineConfig model(const std::string& folder) {
  asr::EngineConfig config;
  config.model_folder = folder;
  return config;
}

Loaded make_pipeline() {
  asr::ScriptedModel scripted([](const asr::SearchCall&) { return asr::Hypothesis(); });
  return std::make_shared<Pipeline>(std::shared_ptr<asr::SpeechModel>(std::move(scripted.model)),
                                    vad::silero());
}

TEST(SpeechModels, LoadAModelOnceForAllCallers) {
  constexpr int kThreads = 4;
  std::atomic<int> loads = 0;
  std::latch all(kThreads);
  SpeechModels models([&](const asr::EngineConfig&) {
    ++loads;
    return make_pipeline();
  });
  std::vector<std::shared_ptr<Pipeline>> given(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        all.arrive_and_wait();
        given[i] = models.get(model("a")).value();
      });
    }
  }
  EXPECT_EQ(loads, 1);
  EXPECT_THAT(given, testing::Each(given[0]));
  EXPECT_THAT(models.loaded(), ElementsAre("a"));
}

TEST(SpeechModels, AreApartByFolderAndDevice) {
  SpeechModels models([&](const asr::EngineConfig&) { return make_pipeline(); });
  auto other = model("a");
  other.num_workers = 2;
  EXPECT_NE(models.get(model("a")).value(), models.get(model("b")).value());
  EXPECT_NE(models.get(model("a")).value(), models.get(other).value());
  EXPECT_THAT(models.loaded(), ElementsAre("a", "b"));
  EXPECT_TRUE(models.unload("a"));
  EXPECT_FALSE(models.unload("a"));
  EXPECT_THAT(models.loaded(), ElementsAre("b"));
}

TEST(SpeechModels, LeaveAnUnloadedModelToItsUsers) {
  int loads = 0;
  SpeechModels models([&](const asr::EngineConfig&) {
    ++loads;
    return make_pipeline();
  });
  auto used = models.get(model("a")).value();
  const std::weak_ptr<Pipeline> watched = used;
  EXPECT_TRUE(models.unload("a"));
  Collector sink;
  EXPECT_TRUE(used->transcribe(recorded({std::vector<float>(16000, 0.0f)}), {}, sink));
  EXPECT_NE(models.get(model("a")).value(), used);
  EXPECT_EQ(loads, 2);
  used.reset();
  EXPECT_TRUE(watched.expired());
}

TEST(SpeechModels, TryAgainWhatFailed) {
  int loads = 0;
  SpeechModels models([&](const asr::EngineConfig&) -> Loaded {
    ++loads;
    if (loads == 1) return fail(Errc::bad_model, "damaged");
    if (loads == 2) throw std::runtime_error("no memory");
    return make_pipeline();
  });
  EXPECT_FALSE(models.get(model("a")));
  EXPECT_THROW(models.get(model("a")), std::runtime_error);
  EXPECT_THAT(models.loaded(), IsEmpty());
  EXPECT_TRUE(models.get(model("a")));
}

TEST(SpeechModels, KeepAReloadedModelWhenItsFirstLoadFails) {
  std::atomic<int> loads = 0;
  std::latch begun(1), failing(1);
  SpeechModels models([&](const asr::EngineConfig&) -> Loaded {
    if (++loads > 1) return make_pipeline();
    begun.count_down();
    failing.wait();
    return fail(Errc::bad_model, "damaged");
  });
  std::jthread first([&] { EXPECT_FALSE(models.get(model("a"))); });
  begun.wait();
  EXPECT_TRUE(models.unload("a"));
  const auto second = models.get(model("a")).value();
  failing.count_down();
  first.join();
  EXPECT_THAT(models.loaded(), ElementsAre("a"));
  EXPECT_EQ(models.get(model("a")).value(), second);
  EXPECT_EQ(loads, 2);
}

}  // namespace
}  // namespace steno
