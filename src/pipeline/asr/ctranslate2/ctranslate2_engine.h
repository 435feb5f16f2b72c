#pragma once

#include <memory>

#include "base/result.h"
#include "pipeline/asr/engine.h"

namespace steno::asr {

/// A Whisper model on CTranslate2, on a CPU or on NVIDIA GPUs; windows are shared out over all
/// replicas. A running search cannot be stopped from within: a stop takes effect before the next
/// group of windows that a replica would begin (on a CPU a group is one window, about a second).
/// Fails with not_found, bad_model, invalid_argument or unavailable, in one line that names the
/// folder or the value. Calls throw when the device fails (memory, a missing CUDA library).
Result<std::unique_ptr<Engine>> make_ctranslate2_engine(const EngineConfig& config);

}  // namespace steno::asr
