#pragma once

#include <memory>

#include "base/result.h"
#include "pipeline/asr/engine.h"

namespace steno::asr {

/// Creates an engine that runs Whisper on the CPU with Steno's int8 kernels (docs/adr/0003). All
/// threads share one copy of the weights. Windows may have any length up to 30 s. The search ends
/// when no hypothesis can improve. Thread-safe: one call uses all cores, concurrent calls share
/// them. `generate` checks its stop token before every token. Fails with not_found or bad_model, in
/// one line that names the file.
Result<std::unique_ptr<Engine>> make_native_engine(const EngineConfig& config);

}  // namespace steno::asr
