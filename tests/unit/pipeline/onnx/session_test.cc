#include "pipeline/onnx/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "test_paths.h"

namespace steno::onnx {
namespace {

using testing::EndsWith;
using testing::StartsWith;

const std::string kFile = STENO_MODELS "/silero_vad_v6.onnx";

TEST(OnnxSession, RunsANetworkOnTheCallersMemory) {
  const auto session = Session::load(kFile, {"input", "h", "c"}, {"speech_probs", "hn", "cn"});
  ASSERT_TRUE(session) << session.error().message;
  const std::vector<float> samples(576);
  const std::vector<float> state(128);
  const std::array<std::int64_t, 2> shape = {1, 576};
  const std::array<std::int64_t, 3> state_shape = {1, 1, 128};
  const std::array<std::int64_t, 1> probability_shape = {1};
  std::vector<float> probability = {-1};
  std::vector<float> hidden(128);
  std::vector<float> cell(128);
  const std::array<Output, 3> outputs = {
      {{probability, probability_shape}, {hidden, state_shape}, {cell, state_shape}}};
  const auto ran = (*session)->run(
      std::array<Input, 3>{{{samples, shape}, {state, state_shape}, {state, state_shape}}},
      outputs);
  ASSERT_TRUE(ran) << ran.error().message;
  EXPECT_GE(probability[0], 0);
  EXPECT_LT(probability[0], 0.1);  // silence
  EXPECT_NE(hidden, state);

  const std::array<std::int64_t, 2> wrong = {1, 577};
  const auto failed = (*session)->run(
      std::array<Input, 3>{{{samples, wrong}, {state, state_shape}, {state, state_shape}}},
      outputs);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::unavailable);
}

TEST(OnnxSession, NamesTheFileThatIsNoSuchNetwork) {
  const auto other = Session::load(kFile, {"samples"}, {"embedding"});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::bad_model);
  EXPECT_THAT(other.error().message,
              EndsWith("silero_vad_v6.onnx: not a network from samples to embedding"));
  for (const std::string& file :
       {std::string("/nowhere/vad.onnx"), std::string(STENO_GOLDEN "/features.json")}) {
    const auto failed = Session::load(file, {"input"}, {"output"});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Errc::bad_model);
    EXPECT_THAT(failed.error().message, StartsWith(file + ": "));
  }
}

}  // namespace
}  // namespace steno::onnx
