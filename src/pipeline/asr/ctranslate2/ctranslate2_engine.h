#pragma once

#include <memory>

#include "base/result.h"
#include "pipeline/asr/engine.h"

namespace steno::asr {

/// Creates an engine that runs a Whisper model on CTranslate2, on a CPU or on NVIDIA GPUs. Windows
/// are distributed over all replicas. A running search cannot be stopped. A stop takes effect
/// before a replica begins its next group of windows (on a CPU one window, about a second). Fails
/// with not_found, bad_model, invalid_argument or unavailable, in one line that names the folder or
/// the value. Calls throw when the device fails (out of memory, or a missing CUDA library).
Result<std::unique_ptr<Engine>> make_ctranslate2_engine(const EngineConfig& config);

}  // namespace steno::asr
