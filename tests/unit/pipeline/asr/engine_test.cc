#include "pipeline/asr/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "test_paths.h"
#include "unit/pipeline/asr/scripted_engine.h"

namespace steno::asr {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(MakeEngine, RefusesAnotherCpuThanTheFirst) {
  EngineConfig config;
  config.model_folder = STENO_MODELS "/tiny.en";
  config.device = "cpu";
  for (const std::string type : {"int8", "default", "float32"}) {
    SCOPED_TRACE(type);
    config.compute_type = type;
    config.device_index = {5};
    auto engine = make_engine(config);
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().code, Errc::invalid_argument);
    EXPECT_THAT(engine.error().message, HasSubstr("device_index 5: cpu has only index 0"));
    config.device_index = {0, 0};
    EXPECT_FALSE(make_engine(config));
    config.device_index = {};
    EXPECT_FALSE(make_engine(config));
  }
}

TEST(MakeEngine, TakesTheNativeEngineForInt8AndCtranslate2ForTheRest) {
  EngineConfig config;
  config.model_folder = STENO_MODELS "/tiny.en";
  config.device = "cpu";
  config.num_workers = 1;
  const auto type_of = [&](const std::string& compute_type) {
    config.compute_type = compute_type;
    return make_engine(config).value()->info().compute_type;  // CTranslate2 says int8_float32
  };
  for (const char* type : {"default", "auto", "int8", "int8_float32"}) {
    EXPECT_EQ(type_of(type), "int8") << type;
  }
  EXPECT_EQ(type_of("float32"), "float32");
}

/// Records the calls of a maker whose GPU fails with `failure`. Its CPU has only one index.
struct Maker {
  Error failure;
  std::vector<std::string> devices;
  Result<std::unique_ptr<Engine>> operator()(const EngineConfig& config) {
    devices.push_back(config.device);
    if (config.device == "cuda" && !failure.message.empty()) return tl::unexpected(failure);
    if (config.device == "cpu" && config.device_index.front() > 0) {
      return fail(Errc::invalid_argument, "only index 0");
    }
    auto engine = std::make_unique<ScriptedEngine>(ScriptedEngine::Answer());
    engine->info_.device = config.device;
    engine->info_.note = config.note;
    return engine;
  }
};

const Error kNoLibrary = {Errc::unavailable, "device cuda: Library libcublas.so.12 is not found"};

TEST(MakeWherePossible, AutoTakesAGpuThatWorks) {
  Maker maker;
  EXPECT_EQ((*make_where_possible({}, 1, std::ref(maker)))->info().device, "cuda");
  EXPECT_EQ((*make_where_possible({}, 0, std::ref(maker)))->info().device, "cpu");
  EXPECT_THAT(maker.devices, ElementsAre("cuda", "cpu"));
}

TEST(MakeWherePossible, AutoGoesBackToTheCpuAndSaysWhy) {
  Maker maker{kNoLibrary, {}};
  const auto engine = make_where_possible({}, 1, std::ref(maker));
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ((*engine)->info().device, "cpu");
  EXPECT_EQ((*engine)->info().note, kNoLibrary.message);
}

TEST(MakeWherePossible, WhatTheCpuLacksIsSaidWithWhatTheGpuLacks) {
  Maker maker{kNoLibrary, {}};
  EngineConfig config;
  config.device_index = {1};
  const auto engine = make_where_possible(config, 2, std::ref(maker));
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, Errc::invalid_argument);
  EXPECT_EQ(engine.error().message, "only index 0 (" + kNoLibrary.message + ")");
}

TEST(MakeWherePossible, TheCpuIsNoCureForABadModelNorForAnAskedGpu) {
  Maker maker{{Errc::bad_model, "no model"}, {}};
  EXPECT_EQ(make_where_possible({}, 1, std::ref(maker)).error().code, Errc::bad_model);
  maker.failure = kNoLibrary;
  EngineConfig config;
  config.device = "cuda";
  EXPECT_EQ(make_where_possible(config, 1, std::ref(maker)).error().message, kNoLibrary.message);
  EXPECT_THAT(maker.devices, ElementsAre("cuda", "cuda"));
}

}  // namespace
}  // namespace steno::asr
