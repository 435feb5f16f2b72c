#include "pipeline/vad/vad.h"

#include <gmock/gmock.h>

#include <limits>
#include <thread>

#include "golden.h"

namespace steno::vad {
namespace {

std::vector<Span> find_spans(const std::vector<float>& samples, const VadOptions& options,
                             size_t block) {
  VadStream stream(silero(), options);
  std::vector<Span> spans;
  const auto take = [&] {
    for (const Span& span : stream.take()) spans.push_back(span);
  };
  for (size_t at = 0; at < samples.size(); at += block) {
    stream.push(std::span(samples).subspan(at, std::min(block, samples.size() - at)));
    take();
  }
  stream.finish();
  take();
  return spans;
}

TEST(Vad, GivesTheReferencesProbabilities) {
  std::vector<float> samples(Vad::kContext);
  const std::vector<float> audio = recording();
  samples.insert(samples.end(), audio.begin(), audio.end());
  const std::vector<float> expected = golden()["recording"]["probabilities"];
  samples.resize(Vad::kContext + expected.size() * Vad::kChunk);

  std::vector<float> chunks;
  for (size_t i = 0; i < expected.size(); ++i) {
    const auto start = samples.begin() + i * Vad::kChunk;
    chunks.insert(chunks.end(), start, start + Vad::kInput);
  }
  NetworkState state;
  std::vector<float> probabilities(expected.size());
  silero()->run(chunks, state, probabilities);
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(probabilities[i], expected[i], 1e-3) << "chunk " << i;
  }
}

TEST(VadStream, FindsTheReferencesSpansForEveryBlockSize) {
  const std::vector<float> samples = recording();
  const auto& options = golden()["options"];
  for (size_t i = 0; i < options.size(); ++i) {
    const auto expected = spans_of(golden()["recording"]["spans"][i]);
    for (const size_t block : {size_t{777}, size_t{8000}, size_t{160'000}, samples.size()}) {
      EXPECT_EQ(find_spans(samples, options_of(options[i]), block), expected)
          << options[i] << " in blocks of " << block;
    }
  }
  EXPECT_EQ(find_spans(samples, {}, 16), spans_of(golden()["recording"]["spans"][0]));
}

TEST(VadStream, FindsNothingWhereNothingIs) {
  EXPECT_TRUE(find_spans({}, {}, 1).empty());
  EXPECT_TRUE(find_spans(std::vector<float>(1), {}, 1).empty());
  EXPECT_TRUE(find_spans(std::vector<float>(512), {}, 512).empty());
  EXPECT_TRUE(find_spans(std::vector<float>(16000 * 20), {}, 8000).empty());
}

TEST(VadStream, RecoversFromSamplesThatAreNoNumbers) {
  std::vector<float> samples = recording();
  samples[100] = std::numeric_limits<float>::quiet_NaN();
  samples[101] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(find_spans(samples, {}, 8000), spans_of(golden()["recording"]["spans"][0]));
}

TEST(VadStream, SharesOneNetworkBetweenThreads) {
  const std::vector<float> samples = recording();
  const auto expected = spans_of(golden()["recording"]["spans"][0]);
  std::vector<std::vector<Span>> found(4);
  {
    std::vector<std::jthread> threads;
    for (auto& spans : found) {
      threads.emplace_back([&] { spans = find_spans(samples, {}, 8000); });
    }
  }
  EXPECT_THAT(found, testing::Each(expected));
}

TEST(Vad, NamesTheFileThatIsNoNetwork) {
  const std::string file = testing::TempDir() + "not-a-network.onnx";
  std::ofstream(file) << "words";
  for (const std::string& name : {file, std::string("/nowhere/silero.onnx")}) {
    const auto vad = Vad::load(name);
    ASSERT_FALSE(vad);
    EXPECT_EQ(vad.error().code, Errc::bad_model);
    EXPECT_THAT(vad.error().message, testing::HasSubstr(name));
    EXPECT_THAT(vad.error().message, testing::Not(testing::HasSubstr("\n")));
  }
}

}  // namespace
}  // namespace steno::vad
