#include "app/voice_model.h"

#include <filesystem>

namespace steno::app {

Result<std::string> voice_model_file(const Environment& environment) {
  constexpr const char* kName = "silero_vad_v6.onnx";
  std::string looked_in;
  for (const std::string& folder : environment.model_folders) {
    std::string file = folder + "/" + kName;
    if (std::filesystem::exists(file)) return file;
    looked_in += (looked_in.empty() ? "" : ", ") + folder;
  }
  return fail(Errc::not_found, std::string("the model that finds speech, ") + kName +
                                   ", is not in " + looked_in + "; make setup fetches it");
}

}  // namespace steno::app
