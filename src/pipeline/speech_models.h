#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "base/result.h"
#include "pipeline/asr/asr.h"
#include "pipeline/pipeline.h"

namespace steno {

/// The pipelines of a process: each model on each device is loaded once, by the first who asks for
/// it, and shared by all. Thread-safe.
class SpeechModels {
 public:
  /// Makes the pipeline of a model; called by several threads at once, for models that differ.
  using Load = std::function<Result<std::shared_ptr<Pipeline>>(const asr::EngineConfig&)>;

  /// `vad_file`: silero_vad_v6.onnx, read with the first model; empty where no call will use it.
  explicit SpeechModels(std::string vad_file);
  explicit SpeechModels(Load load);

  /// Blocks while the model is being loaded. What failed is tried again by the next call.
  Result<std::shared_ptr<Pipeline>> get(const asr::EngineConfig& config);
  /// Forgets a model, on all devices: its memory is freed with its last user, and the next call
  /// loads it anew, even where it is being loaded now. False if it was not there.
  bool unload(const std::string& model_folder);
  /// The folders of the models that are loaded.
  std::vector<std::string> loaded() const;

 private:
  using Key = std::tuple<std::string, std::string, std::vector<int>, std::string, int, int>;
  using Loading = std::shared_future<Result<std::shared_ptr<Pipeline>>>;

  const Load load_;
  mutable std::mutex mutex_;
  std::map<Key, std::shared_ptr<const Loading>> models_;
};

}  // namespace steno
