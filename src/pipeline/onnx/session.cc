#include "pipeline/onnx/session.h"

#include <onnxruntime_cxx_api.h>

#include <algorithm>
#include <utility>

namespace steno::onnx {
namespace {

Ort::SessionOptions session_options() {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  options.SetInterOpNumThreads(1);
  options.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  options.DisableCpuMemArena();
  options.SetLogSeverityLevel(ORT_LOGGING_LEVEL_FATAL);
  return options;
}

Ort::Value tensor(std::span<const float> values, std::span<const std::int64_t> shape) {
  static const Ort::MemoryInfo memory =
      Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeCPU);
  // ONNX Runtime does not write to inputs, but has no type to say so.
  return Ort::Value::CreateTensor<float>(memory, const_cast<float*>(values.data()), values.size(),
                                         shape.data(), shape.size());
}

std::vector<const char*> pointers(const std::vector<std::string>& names) {
  std::vector<const char*> all;
  for (const std::string& name : names) all.push_back(name.c_str());
  return all;
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

struct Session::State {
  State(const std::string& file, std::vector<std::string> inputs, std::vector<std::string> outputs)
      : input_names(std::move(inputs)),
        output_names(std::move(outputs)),
        inputs(pointers(input_names)),
        outputs(pointers(output_names)),
        env(ORT_LOGGING_LEVEL_FATAL, "steno"),
        session(env, file.c_str(), session_options()) {}

  bool has_names() {
    Ort::AllocatorWithDefaultOptions allocator;
    std::vector<std::string> found_inputs;
    std::vector<std::string> found_outputs;
    for (std::size_t i = 0; i < session.GetInputCount(); ++i) {
      found_inputs.emplace_back(session.GetInputNameAllocated(i, allocator).get());
    }
    for (std::size_t i = 0; i < session.GetOutputCount(); ++i) {
      found_outputs.emplace_back(session.GetOutputNameAllocated(i, allocator).get());
    }
    return found_inputs == input_names && found_outputs == output_names;
  }

  std::vector<std::string> input_names;
  std::vector<std::string> output_names;
  std::vector<const char*> inputs;
  std::vector<const char*> outputs;
  Ort::Env env;
  Ort::Session session;
};

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

Result<std::unique_ptr<const Session>> Session::load(const std::string& file,
                                                     std::vector<std::string> inputs,
                                                     std::vector<std::string> outputs) {
  try {
    auto state = std::make_unique<State>(file, std::move(inputs), std::move(outputs));
    if (!state->has_names()) {
      return fail(Errc::bad_model, file + ": not a network from " + list(state->input_names) +
                                       " to " + list(state->output_names));
    }
    return std::unique_ptr<const Session>(new Session(std::move(state)));
  } catch (const Ort::Exception& error) {
    return fail(Errc::bad_model, file + ": " + error.what());
  }
}

Result<void> Session::run(std::span<const Input> inputs, std::span<const Output> outputs) const {
  try {
    std::vector<Ort::Value> given;
    std::vector<Ort::Value> made;
    for (const Input& input : inputs) given.push_back(tensor(input.values, input.shape));
    for (const Output& output : outputs) made.push_back(tensor(output.values, output.shape));
    state_->session.Run(Ort::RunOptions{nullptr}, state_->inputs.data(), given.data(), given.size(),
                        state_->outputs.data(), made.data(), made.size());
    return {};
  } catch (const Ort::Exception& error) {
    return fail(Errc::unavailable, std::string("a network failed: ") + error.what());
  }
}

}  // namespace steno::onnx
