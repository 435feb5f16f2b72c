#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "pipeline/asr/asr.h"
#include "pipeline/pipeline.h"

namespace steno {

/// The pipelines of a process. Each model on each device is loaded once, by its first call of
/// get(), and shared by all callers. Thread-safe.
class SpeechModels {
 public:
  /// Makes the pipeline of a model. Several threads call it at once, for different models.
  using Load = std::function<Result<std::shared_ptr<Pipeline>>(const asr::EngineConfig&)>;

  /// `vad_file`: silero_vad_v6.onnx, read with the first model; empty if no call uses it.
  explicit SpeechModels(std::string vad_file);
  explicit SpeechModels(Load load);

  /// Blocks while the model is being loaded. After a failure, the next call tries again.
  Result<std::shared_ptr<Pipeline>> get(const asr::EngineConfig& config);
  /// Unloads a model from all devices. Its memory is freed with its last user. The next get() loads
  /// it again, even if it is being loaded now. Returns false if it was not loaded.
  bool unload(const std::string& model_folder);
  /// Folders of the loaded models.
  std::vector<std::string> loaded() const;

 private:
  using Key = std::tuple<std::string, std::string, std::vector<int>, std::string, int, int>;
  using Loading = std::shared_future<Result<std::shared_ptr<Pipeline>>>;

  const Load load_;
  mutable Mutex mutex_;
  std::map<Key, std::shared_ptr<const Loading>> models_ GUARDED_BY(mutex_);
};

}  // namespace steno
