#include "pipeline/diarize/networks.h"

#include <cmath>
#include <filesystem>
#include <numeric>
#include <utility>

#include "base/sampled_digest.h"
#include "pipeline/diarize/filter_bank.h"
#include "pipeline/onnx/session.h"

namespace steno::diarize {
namespace {

/// Runs a network with one input and one output.
Result<void> run(const onnx::Session& network, const onnx::Input& input,
                 const onnx::Output& output) {
  return network.run(std::span(&input, 1), std::span(&output, 1));
}

}  // namespace

struct Networks::Sessions {
  std::unique_ptr<const onnx::Session> segmentation;
  std::unique_ptr<const onnx::Session> embedding;
};

Networks::Networks(std::unique_ptr<Sessions> sessions, std::string digest)
    : sessions_(std::move(sessions)), digest_(std::move(digest)) {}
Networks::~Networks() = default;

Result<std::shared_ptr<const Networks>> Networks::load(const std::string& folder) {
  const auto file = [&](const char* name) {
    return (std::filesystem::path(folder) / name).string();
  };
  auto segmentation =
      onnx::Session::load(file("segmentation.onnx"), {"samples"}, {"log_probabilities"});
  if (!segmentation) return tl::unexpected(segmentation.error());
  auto embedding = onnx::Session::load(file("embedding.onnx"), {"features"}, {"embedding"});
  if (!embedding) return tl::unexpected(embedding.error());
  auto sessions =
      std::make_unique<Sessions>(Sessions{*std::move(segmentation), *std::move(embedding)});
  return std::shared_ptr<const Networks>(new Networks(std::move(sessions), sampled_digest(folder)));
}

Result<std::vector<FrameClasses>> Networks::segment(std::span<const float> samples) const {
  std::vector<FrameClasses> frames(kFrames);
  const std::span<float> flat(frames.front().data(), frames.size() * frames.front().size());
  const std::array<int64_t, 3> shape = {1, 1, kWindow};
  const std::array<int64_t, 3> made = {1, kFrames, static_cast<int64_t>(frames.front().size())};
  if (auto ran = run(*sessions_->segmentation, {samples, shape}, {flat, made}); !ran) {
    return tl::unexpected(ran.error());
  }
  for (float& value : flat) value = std::exp(value);
  return frames;
}

Result<Embedding> Networks::embed(std::span<const float> features) const {
  Embedding embedding;
  const std::array<int64_t, 3> shape = {
      1, static_cast<int64_t>(features.size()) / FilterBank::kBins, FilterBank::kBins};
  const std::array<int64_t, 2> made = {1, static_cast<int64_t>(embedding.size())};
  if (auto ran = run(*sessions_->embedding, {features, shape}, {embedding, made}); !ran) {
    return tl::unexpected(ran.error());
  }
  const float length =
      std::sqrt(std::inner_product(embedding.begin(), embedding.end(), embedding.begin(), 0.0F));
  for (float& value : embedding) value /= std::max(length, 1e-9F);
  return embedding;
}

}  // namespace steno::diarize
