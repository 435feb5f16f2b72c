#include "pipeline/diarize/networks.h"

#include <onnxruntime_cxx_api.h>

#include <cmath>
#include <filesystem>
#include <numeric>
#include <utility>

#include "base/sampled_digest.h"
#include "pipeline/diarize/filter_bank.h"

namespace steno::diarize {
namespace {

/// One thread of its own and no arena, which would keep the memory of the largest run.
Ort::SessionOptions session_options() {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  options.SetInterOpNumThreads(1);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  options.DisableCpuMemArena();
  options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  return options;
}

/// A model with one input and one output.
class Network {
 public:
  Network(const Ort::Env& env, const std::string& file, const char* input, const char* output)
      : input_(input), output_(output), session_(env, file.c_str(), session_options()) {
    Ort::AllocatorWithDefaultOptions allocator;
    if (session_.GetInputCount() != 1 || session_.GetOutputCount() != 1 ||
        session_.GetInputNameAllocated(0, allocator).get() != std::string(input) ||
        session_.GetOutputNameAllocated(0, allocator).get() != std::string(output)) {
      throw Ort::Exception(std::string("not a network from ") + input + " to " + output,
                           ORT_INVALID_GRAPH);
    }
  }

  template <size_t kRank, size_t kMadeRank>
  Result<void> run(std::span<const float> given, const std::array<int64_t, kRank>& shape,
                   std::span<float> made, const std::array<int64_t, kMadeRank>& made_shape) {
    const Ort::Value input = tensor(given, shape);
    Ort::Value output = tensor(made, made_shape);
    try {
      session_.Run(Ort::RunOptions{nullptr}, &input_, &input, 1, &output_, &output, 1);
    } catch (const Ort::Exception& error) {
      return fail(Errc::unavailable, std::string("a network failed: ") + error.what());
    }
    return {};
  }

 private:
  template <size_t kRank>
  static Ort::Value tensor(std::span<const float> values, const std::array<int64_t, kRank>& shape) {
    static const Ort::MemoryInfo memory =
        Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeCPU);
    // ONNX Runtime does not write to inputs, but has no type to say so.
    return Ort::Value::CreateTensor<float>(memory, const_cast<float*>(values.data()), values.size(),
                                           shape.data(), shape.size());
  }

  const char* input_;
  const char* output_;
  Ort::Session session_;
};

}  // namespace

struct Networks::Sessions {
  explicit Sessions(const std::string& segmentation_file)
      : env(ORT_LOGGING_LEVEL_FATAL, "diarize"),
        segmentation(env, segmentation_file, "samples", "log_probabilities") {}

  Ort::Env env;
  Network segmentation;
  std::unique_ptr<Network> embedding;
};

Networks::Networks(std::unique_ptr<Sessions> sessions, std::string digest)
    : sessions_(std::move(sessions)), digest_(std::move(digest)) {}
Networks::~Networks() = default;

Result<std::shared_ptr<const Networks>> Networks::load(const std::string& folder) {
  std::string file = (std::filesystem::path(folder) / "segmentation.onnx").string();
  try {
    auto sessions = std::make_unique<Sessions>(file);
    file = (std::filesystem::path(folder) / "embedding.onnx").string();
    sessions->embedding = std::make_unique<Network>(sessions->env, file, "features", "embedding");
    return std::shared_ptr<const Networks>(
        new Networks(std::move(sessions), sampled_digest(folder)));
  } catch (const Ort::Exception& error) {
    return fail(Errc::bad_model, file + ": " + error.what());
  }
}

Result<std::vector<FrameClasses>> Networks::segment(std::span<const float> samples) const {
  std::vector<FrameClasses> frames(kFrames);
  const std::span<float> flat(frames.front().data(), frames.size() * frames.front().size());
  const std::array<int64_t, 3> shape = {1, 1, kWindow};
  const std::array<int64_t, 3> made = {1, kFrames, static_cast<int64_t>(frames.front().size())};
  if (auto ran = sessions_->segmentation.run(samples, shape, flat, made); !ran) {
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
  if (auto ran = sessions_->embedding->run(features, shape, embedding, made); !ran) {
    return tl::unexpected(ran.error());
  }
  const float length =
      std::sqrt(std::inner_product(embedding.begin(), embedding.end(), embedding.begin(), 0.0F));
  for (float& value : embedding) value /= std::max(length, 1e-9F);
  return embedding;
}

}  // namespace steno::diarize
