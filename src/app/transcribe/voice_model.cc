#include "app/transcribe/voice_model.h"

#include <filesystem>

namespace steno::app {
namespace {

/// Finds `name` in the first model folder that has it. `what` describes it in the error.
Result<std::string> find(const std::string& name, const std::string& what,
                         const Environment& environment) {
  std::string looked_in;
  for (const std::string& folder : environment.model_folders) {
    const auto path = std::filesystem::path(folder) / name;
    if (std::filesystem::exists(path)) return path.string();
    if (!looked_in.empty()) looked_in += ", ";
    looked_in += folder;
  }
  return fail(Errc::not_found,
              what + ", " + name + ", is not in " + looked_in + "; make setup fetches it");
}

}  // namespace

Result<std::string> voice_model_file(const Environment& environment) {
  return find("silero_vad_v6.onnx", "the voice activity model", environment);
}

Result<std::string> diarization_folder(const Environment& environment) {
  return find("diarization", "the folder of the diarization models", environment);
}

}  // namespace steno::app
