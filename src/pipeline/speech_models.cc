#include "pipeline/speech_models.h"

#include <utility>

namespace steno {

SpeechModels::SpeechModels(std::string vad_file) : vad_file_(std::move(vad_file)) {}

Result<std::shared_ptr<Pipeline>> SpeechModels::get(const asr::EngineConfig& config) {
  const Key key{config.model_folder, config.device,      config.device_index,
                config.compute_type, config.cpu_threads, config.num_workers};
  std::promise<Result<std::shared_ptr<Pipeline>>> promise;
  {
    std::unique_lock lock(mutex_);
    const auto [found, is_new] = models_.try_emplace(key);
    if (!is_new) {
      const Loading loading = found->second;
      lock.unlock();
      return loading.get();
    }
    found->second = promise.get_future().share();
  }
  const auto forget = [&] {
    std::lock_guard lock(mutex_);
    models_.erase(key);
  };
  try {
    auto loaded = load(config);
    if (!loaded) forget();
    promise.set_value(loaded);
    return loaded;
  } catch (...) {
    forget();
    promise.set_exception(std::current_exception());
    throw;
  }
}

Result<std::shared_ptr<Pipeline>> SpeechModels::load(const asr::EngineConfig& config) {
  auto detector = std::async(std::launch::async, [this] { return vad(); });
  auto model = asr::SpeechModel::load(config);
  auto vad = detector.get();
  if (!model) return tl::unexpected(model.error());
  if (!vad) return tl::unexpected(vad.error());
  return std::make_shared<Pipeline>(std::move(*model), std::move(*vad));
}

Result<std::shared_ptr<const vad::Vad>> SpeechModels::vad() {
  std::lock_guard lock(vad_mutex_);
  if (vad_) return vad_;
  auto loaded = vad::Vad::load(vad_file_);
  if (loaded) vad_ = *loaded;
  return loaded;
}

bool SpeechModels::unload(const std::string& model_folder) {
  std::lock_guard lock(mutex_);
  return std::erase_if(models_, [&](const auto& entry) {
           return std::get<0>(entry.first) == model_folder;
         }) > 0;
}

std::vector<std::string> SpeechModels::loaded() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> folders;
  for (const auto& [key, loading] : models_) {
    if (folders.empty() || folders.back() != std::get<0>(key)) folders.push_back(std::get<0>(key));
  }
  return folders;
}

}  // namespace steno
