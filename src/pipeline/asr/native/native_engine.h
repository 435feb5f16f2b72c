#pragma once

#include <memory>

#include "base/result.h"
#include "pipeline/asr/engine.h"

namespace steno::asr {

/// Whisper on the CPU by our own int8 kernels (docs/adr/0003): one copy of the weights for all
/// threads, windows of any length up to 30 s, a search that ends when the text does. Calls are
/// thread-safe; one at a time uses all cores, several share them. `generate` looks at its stop
/// token before every token.
/// Fails with not_found or bad_model, in one line that names the file.
Result<std::unique_ptr<Engine>> make_native_engine(const EngineConfig& config);

}  // namespace steno::asr
