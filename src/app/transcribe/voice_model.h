#pragma once

#include <string>

#include "app/environment.h"
#include "base/result.h"

namespace steno::app {

/// The voice activity model's file, from the first model folder that has it. Fails with not_found
/// and the searched folders.
Result<std::string> voice_model_file(const Environment& environment);

/// The folder of the diarization models, in the first model folder that has it. Fails with
/// not_found and the searched folders.
Result<std::string> diarization_folder(const Environment& environment);

}  // namespace steno::app
