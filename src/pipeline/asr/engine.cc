#include "pipeline/asr/engine.h"

#include <stdexcept>

#include "pipeline/asr/ctranslate2/device.h"
#include "pipeline/asr/ctranslate2/engine.h"
#include "pipeline/asr/native/native_engine.h"

namespace steno::asr {

void require_known_tokens(std::span<const int> tokens, const ModelInfo& model) {
  for (const int id : tokens) {
    if (id >= 0 && id < model.vocabulary_size) continue;
    throw std::invalid_argument("token " + std::to_string(id) + " is none of the model's " +
                                std::to_string(model.vocabulary_size));
  }
}

Result<std::unique_ptr<Engine>> make_engine(const EngineConfig& config) {
  EngineConfig resolved = config;
  if (resolved.device == "auto") resolved.device = cuda_device_count() > 0 ? "cuda" : "cpu";
  const std::string& type = resolved.compute_type;
  const bool int8 = type == "default" || type == "auto" || type == "int8" || type == "int8_float32";
  if (resolved.device != "cpu" || !int8) return make_ctranslate2_engine(resolved);
  if (auto good = check_indices(resolved.device_index, 1, "cpu"); !good) {
    return tl::unexpected(good.error());
  }
  return make_native_engine(resolved);
}

}  // namespace steno::asr
