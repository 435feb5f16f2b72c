#include "pipeline/asr/engine.h"

#include <stdexcept>

#include "pipeline/asr/ctranslate2/ctranslate2_engine.h"
#include "pipeline/asr/ctranslate2/device.h"
#include "pipeline/asr/native/native_engine.h"

namespace steno::asr {
namespace {

Result<std::unique_ptr<Engine>> make_on_device(const EngineConfig& config) {
  const std::string& type = config.compute_type;
  const bool int8 = type == "default" || type == "auto" || type == "int8" || type == "int8_float32";
  if (config.device != "cpu" || !int8) return make_ctranslate2_engine(config);
  if (auto good = check_indices(config.device_index, 1, "cpu"); !good) {
    return tl::unexpected(good.error());
  }
  return make_native_engine(config);
}

}  // namespace

void require_known_tokens(std::span<const int> tokens, const ModelInfo& model) {
  for (const int id : tokens) {
    if (id >= 0 && id < model.vocabulary_size) continue;
    throw std::invalid_argument("token " + std::to_string(id) + " is none of the model's " +
                                std::to_string(model.vocabulary_size));
  }
}

Result<std::unique_ptr<Engine>> make_where_possible(const EngineConfig& config, int gpus,
                                                    const MakeEngine& make) {
  if (config.device != "auto") return make(config);
  EngineConfig resolved = config;
  if (gpus > 0) {
    resolved.device = "cuda";
    auto engine = make(resolved);
    if (engine || engine.error().code != Errc::unavailable) return engine;
    resolved.note = engine.error().message;
  }
  resolved.device = "cpu";
  auto engine = make(resolved);
  if (engine || resolved.note.empty()) return engine;
  // The CPU's error is reported together with the reason why the GPU is not used.
  return fail(engine.error().code, engine.error().message + " (" + resolved.note + ")");
}

Result<std::unique_ptr<Engine>> make_engine(const EngineConfig& config) {
  const int gpus = config.device == "auto" ? cuda_device_count() : 0;
  return make_where_possible(config, gpus, make_on_device);
}

}  // namespace steno::asr
