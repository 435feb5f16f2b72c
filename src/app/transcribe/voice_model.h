#pragma once

#include <string>

#include "app/environment.h"
#include "base/result.h"

namespace steno::app {

/// The file of the model that finds speech, from the first model folder that has it; not_found with
/// where it was looked for.
Result<std::string> voice_model_file(const Environment& environment);

/// The folder of the models that tell speakers apart, in the first model folder that has it;
/// not_found with where it was looked for.
Result<std::string> diarization_folder(const Environment& environment);

}  // namespace steno::app
