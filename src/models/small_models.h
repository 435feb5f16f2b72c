#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace steno::models {

/// A network besides Whisper's. It is a part of every installation, and no model host has it.
struct SmallModel {
  std::string name;     ///< such as "silero"
  std::string file;     ///< its file or folder in a model folder
  std::string purpose;  ///< "voice activity detection"
};

/// All of them.
std::span<const SmallModel> small_models();

/// The small model with that name, or null.
const SmallModel* find_small_model(const std::string& name);

/// The path of silero_vad_v6.onnx in the first of `folders` that has it. Fails with not_found and
/// the searched folders.
Result<std::string> voice_activity_file(const std::vector<std::string>& folders);

/// The folder of the diarization models, in the same way.
Result<std::string> diarization_folder(const std::vector<std::string>& folders);

/// The path of a small model in the first of `folders` that has it. Fails as above.
Result<std::string> find_in(const std::vector<std::string>& folders, const SmallModel& model);

}  // namespace steno::models
