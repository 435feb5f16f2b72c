#include "models/small_models.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace steno::models {
namespace {

const std::array kSmallModels = {
    SmallModel{"silero", "silero_vad_v6.onnx", "voice activity detection"},
    SmallModel{"diarization", "diarization", "speakers"},
};

}  // namespace

std::span<const SmallModel> small_models() { return kSmallModels; }

const SmallModel* find_small_model(const std::string& name) {
  const auto found = std::ranges::find(kSmallModels, name, &SmallModel::name);
  return found == kSmallModels.end() ? nullptr : &*found;
}

Result<std::string> find_in(const std::vector<std::string>& folders, const SmallModel& model) {
  std::string searched;
  for (const std::string& folder : folders) {
    auto path = std::filesystem::path(folder) / model.file;
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return path.string();
    searched += (searched.empty() ? "" : ", ") + folder;
  }
  return fail(Errc::not_found, "the model for " + model.purpose + ", " + model.file +
                                   ", is not in " + searched +
                                   "; the package has it in share/steno/models, and make setup "
                                   "fetches it in a source tree");
}

Result<std::string> voice_activity_file(const std::vector<std::string>& folders) {
  return find_in(folders, kSmallModels[0]);
}

Result<std::string> diarization_folder(const std::vector<std::string>& folders) {
  return find_in(folders, kSmallModels[1]);
}

}  // namespace steno::models
