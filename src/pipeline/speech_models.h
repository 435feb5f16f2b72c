#pragma once

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
  /// `vad_file`: silero_vad_v6.onnx, read with the first model.
  explicit SpeechModels(std::string vad_file);

  /// Blocks while the model is being loaded. What failed is tried again by the next call.
  Result<std::shared_ptr<Pipeline>> get(const asr::EngineConfig& config);
  /// Forgets a model, on all devices: its memory is freed with its last user. False if it was not
  /// there.
  bool unload(const std::string& model_folder);
  /// The folders of the models that are loaded.
  std::vector<std::string> loaded() const;

 private:
  using Key = std::tuple<std::string, std::string, std::vector<int>, std::string, int, int>;
  using Loading = std::shared_future<Result<std::shared_ptr<Pipeline>>>;

  Result<std::shared_ptr<Pipeline>> load(const asr::EngineConfig& config);
  Result<std::shared_ptr<const vad::Vad>> vad();

  const std::string vad_file_;
  mutable std::mutex mutex_;
  std::map<Key, Loading> models_;
  std::mutex vad_mutex_;
  std::shared_ptr<const vad::Vad> vad_;
};

}  // namespace steno
