#include "pipeline/speech_models.h"

#include <utility>

namespace steno {

namespace {

/// Loads models. The first one also loads the voice activity network, which all share.
class Loader {
 public:
  explicit Loader(std::string vad_file) : vad_file_(std::move(vad_file)) {}

  Result<std::shared_ptr<Pipeline>> load(const asr::EngineConfig& config) {
    auto detector = std::async(std::launch::async, [this] { return vad(); });
    auto model = asr::SpeechModel::load(config);
    auto vad = detector.get();
    if (!model) return tl::unexpected(model.error());
    if (!vad) return tl::unexpected(vad.error());
    return std::make_shared<Pipeline>(std::move(*model), std::move(*vad));
  }

 private:
  Result<std::shared_ptr<const vad::Vad>> vad() {
    const MutexLock lock(mutex_);
    if (vad_ || vad_file_.empty()) return vad_;
    auto loaded = vad::Vad::load(vad_file_);
    if (loaded) vad_ = *loaded;
    return loaded;
  }

  const std::string vad_file_;
  Mutex mutex_;
  std::shared_ptr<const vad::Vad> vad_ GUARDED_BY(mutex_);
};

}  // namespace

SpeechModels::SpeechModels(std::string vad_file)
    : SpeechModels([loader = std::make_shared<Loader>(std::move(vad_file))](
                       const asr::EngineConfig& config) { return loader->load(config); }) {}

SpeechModels::SpeechModels(Load load) : load_(std::move(load)) {}

Result<std::shared_ptr<Pipeline>> SpeechModels::get(const asr::EngineConfig& config) {
  const Key key{config.model_folder, config.device,      config.device_index,
                config.compute_type, config.cpu_threads, config.num_workers};
  std::promise<Result<std::shared_ptr<Pipeline>>> promise;
  const auto loading = std::make_shared<const Loading>(promise.get_future().share());
  {
    MutexLock lock(mutex_);
    const auto [found, is_new] = models_.try_emplace(key, loading);
    if (!is_new) {
      const auto others = found->second;
      lock.unlock();
      return others->get();
    }
  }
  const auto forget = [&] {
    const MutexLock lock(mutex_);
    const auto found = models_.find(key);
    // Meanwhile it may have been unloaded and loaded again by another thread.
    if (found != models_.end() && found->second == loading) models_.erase(found);
  };
  try {
    auto loaded = load_(config);
    if (!loaded) forget();
    promise.set_value(loaded);
    return loaded;
  } catch (...) {
    forget();
    promise.set_exception(std::current_exception());
    throw;
  }
}

bool SpeechModels::unload(const std::string& model_folder) {
  const MutexLock lock(mutex_);
  return std::erase_if(models_, [&](const auto& entry) {
           return std::get<0>(entry.first) == model_folder;
         }) > 0;
}

std::vector<std::string> SpeechModels::loaded() const {
  const MutexLock lock(mutex_);
  std::vector<std::string> folders;
  for (const auto& [key, loading] : models_) {
    if (folders.empty() || folders.back() != std::get<0>(key)) folders.push_back(std::get<0>(key));
  }
  return folders;
}

}  // namespace steno
