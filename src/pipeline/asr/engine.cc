#include "pipeline/asr/engine.h"

#include "pipeline/asr/ctranslate2/device.h"
#include "pipeline/asr/ctranslate2/engine.h"

namespace steno::asr {

Result<std::unique_ptr<Engine>> make_engine(const EngineConfig& config) {
  EngineConfig resolved = config;
  if (resolved.device == "auto") resolved.device = cuda_device_count() > 0 ? "cuda" : "cpu";
  return make_ctranslate2_engine(resolved);
}

}  // namespace steno::asr
