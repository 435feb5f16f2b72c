#include <onnxruntime_cxx_api.h>

#include <array>
#include <utility>

#include "pipeline/vad/vad.h"

namespace steno::vad {
namespace {

constexpr int64_t kState = 128;
constexpr std::array kInputs = {"input", "h", "c"};
constexpr std::array kOutputs = {"speech_probs", "hn", "cn"};

/// One thread and no arena: the network is small, and many recordings share the processor.
Ort::SessionOptions session_options() {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  options.SetInterOpNumThreads(1);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  options.DisableCpuMemArena();
  options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  return options;
}

bool has_names(const Ort::Session& session) {
  if (session.GetInputCount() != kInputs.size() || session.GetOutputCount() != kOutputs.size()) {
    return false;
  }
  Ort::AllocatorWithDefaultOptions allocator;
  for (size_t i = 0; i < kInputs.size(); ++i) {
    if (session.GetInputNameAllocated(i, allocator).get() != std::string(kInputs[i])) return false;
    if (session.GetOutputNameAllocated(i, allocator).get() != std::string(kOutputs[i]))
      return false;
  }
  return true;
}

Ort::Value tensor(std::span<const float> values, std::span<const int64_t> shape) {
  static const Ort::MemoryInfo memory =
      Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeCPU);
  // ONNX Runtime does not write to inputs, but has no type to say so.
  return Ort::Value::CreateTensor<float>(memory, const_cast<float*>(values.data()), values.size(),
                                         shape.data(), shape.size());
}

}  // namespace

struct Vad::Session {
  explicit Session(const std::string& file)
      : env(ORT_LOGGING_LEVEL_FATAL, "vad"), session(env, file.c_str(), session_options()) {}
  Ort::Env env;
  Ort::Session session;
};

Vad::Vad(std::unique_ptr<Session> session) : session_(std::move(session)) {}
Vad::~Vad() = default;

Result<std::shared_ptr<const Vad>> Vad::load(const std::string& file) {
  try {
    auto session = std::make_unique<Session>(file);
    if (!has_names(session->session)) {
      return fail(Errc::bad_model, file + ": not a Silero v6 network (its inputs differ)");
    }
    return std::shared_ptr<const Vad>(new Vad(std::move(session)));
  } catch (const Ort::Exception& error) {
    return fail(Errc::bad_model, file + ": " + error.what());
  }
}

void Vad::run(std::span<const float> chunks, NetworkState& state,
              std::span<float> probabilities) const {
  const int64_t count = static_cast<int64_t>(probabilities.size());
  const std::array<int64_t, 2> input_shape = {count, kInput};
  const std::array<int64_t, 3> state_shape = {1, 1, kState};
  NetworkState next;
  const std::array<int64_t, 1> output_shape = {count};
  const std::array inputs = {tensor(chunks, input_shape), tensor(state.hidden, state_shape),
                             tensor(state.cell, state_shape)};
  std::array outputs = {tensor(probabilities, output_shape), tensor(next.hidden, state_shape),
                        tensor(next.cell, state_shape)};
  session_->session.Run(Ort::RunOptions{nullptr}, kInputs.data(), inputs.data(), inputs.size(),
                        kOutputs.data(), outputs.data(), outputs.size());
  state = std::move(next);
}

}  // namespace steno::vad
