#include "pipeline/asr/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace steno::asr {
namespace {

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

}  // namespace
}  // namespace steno::asr
