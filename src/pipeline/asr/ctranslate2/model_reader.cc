#include "pipeline/asr/ctranslate2/model_reader.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "models/model_file.h"
#include "pipeline/asr/model_config.h"

namespace steno::asr {
namespace {

using nlohmann::json;

template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

/// The folder's config.json, completed by read_model_config().
json filled_config(const std::filesystem::path& folder, const std::string& weights) {
  const auto sizes = value_or_throw(sizes_of(*value_or_throw(models::ModelFile::open(weights))));
  const auto read = value_or_throw(read_model_config(folder.string(), sizes));
  json config = json::object();
  if (std::ifstream file(folder / "config.json"); file) config = json::parse(file);
  config["lang_ids"] = read.languages;
  config["suppress_ids_begin"] = read.begin_suppressed.value_or(std::vector<int>());
  config["alignment_heads"] = read.alignment_heads;
  return config;
}

}  // namespace

FolderReader::FolderReader(const std::string& folder, std::string weights)
    : ModelFileReader(folder), weights_(std::move(weights)) {
  const std::filesystem::path path(folder);
  const bool has_vocabulary = std::filesystem::exists(path / "vocabulary.json") ||
                              std::filesystem::exists(path / "vocabulary.txt");
  if (!has_vocabulary) made_["vocabulary.json"] = json(listed_tokens(folder)).dump();
  made_["config.json"] = filled_config(path, weights_).dump();
}

std::unique_ptr<std::istream> FolderReader::get_file(const std::string& filename, bool binary) {
  if (filename == models::kWeightsFile) {
    auto file = std::make_unique<std::ifstream>(weights_, std::ios::binary);
    if (!*file) return nullptr;
    return file;
  }
  const auto made = made_.find(filename);
  if (made != made_.end()) return std::make_unique<std::istringstream>(made->second);
  return ModelFileReader::get_file(filename, binary);
}

}  // namespace steno::asr
