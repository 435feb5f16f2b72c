#include "models/folder.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "models/model_file.h"

namespace steno::models {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t kEnglishVocabulary = 51864;
constexpr std::int64_t kOtherThanLanguages = 51766;  // entries of a multilingual vocabulary

Result<void> check_json(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return {};
  std::ifstream file(path);
  if (!file) return fail(Errc::io, path.string() + ": cannot be read");
  if (nlohmann::json::accept(file)) return {};
  return fail(Errc::bad_model, path.string() + ": not valid JSON: cut off or damaged");
}

Result<std::shared_ptr<const ModelFile>> open_whisper(const std::string& path) {
  auto file = ModelFile::open(path);
  if (!file) return file;
  if (!(*file)->spec().empty() && (*file)->spec() != "WhisperSpec") {
    return fail(Errc::bad_model, path + ": a model of another kind than Whisper's");
  }
  if ((*file)->find("decoder/embeddings/weight") == nullptr ||
      (*file)->find("encoder/conv1/weight") == nullptr) {
    return fail(Errc::bad_model, path +
                                     ": not a Whisper model, or damaged: it has no encoder or "
                                     "no embeddings");
  }
  return file;
}

std::string languages_of(const ModelFile& file) {
  const std::int64_t entries = file.find("decoder/embeddings/weight")->rows();
  if (entries <= kEnglishVocabulary) return "English";
  return std::to_string(entries - kOtherThanLanguages) + " languages";
}

std::uint64_t bytes_of(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto size = entry.is_regular_file(ignored) ? entry.file_size(ignored) : 0;
    if (!ignored) bytes += size;
  }
  return bytes;
}

}  // namespace

Record read_record(const std::string& folder) {
  std::ifstream file(fs::path(folder) / kRecordFile);
  const auto json = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return {};
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return {text("repo"), text("commit")};
}

Result<void> write_record(const std::string& folder, const Record& record) {
  const nlohmann::json json{{"repo", record.repo}, {"commit", record.commit}};
  return write_file_atomically(fs::path(folder) / kRecordFile, json.dump(2) + "\n");
}

Result<void> glance(const std::string& folder) {
  const fs::path path(folder);
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    return fail(Errc::bad_model,
                folder + ": not a folder; a model is the folder that holds " + kWeightsFile);
  }
  if (!fs::is_regular_file(path / kWeightsFile, ignored)) {
    return fail(Errc::bad_model,
                folder + " holds no " + kWeightsFile + ": not a model in faster-whisper's format");
  }
  for (const char* const name : {"tokenizer.json", "vocabulary.json", "vocabulary.txt"}) {
    if (fs::is_regular_file(path / name, ignored)) return {};
  }
  return fail(Errc::bad_model, folder +
                                   " holds none of tokenizer.json, vocabulary.json and "
                                   "vocabulary.txt: not a whole model");
}

Result<Description> describe(const std::string& folder) {
  if (auto there = glance(folder); !there) return tl::unexpected(there.error());
  const fs::path path(folder);
  auto file = open_whisper((path / kWeightsFile).string());
  if (!file) return tl::unexpected(file.error());
  for (const char* const name :
       {"config.json", "tokenizer.json", "vocabulary.json", "preprocessor_config.json"}) {
    if (auto valid = check_json(path / name); !valid) return tl::unexpected(valid.error());
  }
  Description description;
  description.languages = languages_of(**file);
  description.bytes = bytes_of(path);
  description.repo = read_record(folder).repo;
  const std::string int8 = int8_weights_path(folder);
  description.has_int8 = int8 != (*file)->path() || has_int8_weights(**file);
  if (int8 == (*file)->path()) return description;
  if (auto prepared = open_whisper(int8); !prepared) return tl::unexpected(prepared.error());
  return description;
}

Result<Preparation> prepare_for_cpu(const std::string& folder, const std::stop_token& stop) {
  auto description = describe(folder);
  const std::string int8 = folder + "/" + kInt8WeightsFile;
  if (!description && !description.error().message.starts_with(int8)) {
    return tl::unexpected(description.error());
  }
  auto file = ModelFile::open(folder + "/" + kWeightsFile);
  if (!file) return tl::unexpected(file.error());
  if (has_int8_weights(**file)) return Preparation::not_needed;
  if (description && description->has_int8 && names_its_original(int8)) {
    return Preparation::already_there;
  }
  if (auto written = write_int8(**file, int8, stop); !written) {
    return tl::unexpected(written.error());
  }
  return Preparation::written;
}

}  // namespace steno::models
