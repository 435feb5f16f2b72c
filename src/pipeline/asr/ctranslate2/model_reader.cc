#include "pipeline/asr/ctranslate2/model_reader.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "models/model_file.h"

namespace steno::asr {
namespace {

using nlohmann::json;

json parse_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  try {
    return json::parse(file);
  } catch (const json::exception&) {
    throw std::runtime_error(path.string() + " is not valid JSON");
  }
}

/// <|0.00|> to <|30.00|>, which many tokenizer.json leave out; they follow <|notimestamps|>.
void append_timestamps(std::vector<std::string>& tokens) {
  if (tokens.empty() || tokens.back() != "<|notimestamps|>") return;
  for (int hundredths = 0; hundredths <= 3000; hundredths += 2) {
    char token[16];
    std::snprintf(token, sizeof(token), "<|%d.%02d|>", hundredths / 100, hundredths % 100);
    tokens.push_back(token);
  }
}

/// The tokens of tokenizer.json (Hugging Face's format) by id.
std::vector<std::string> tokens_of(const std::filesystem::path& path) {
  // Room for any vocabulary there is; a damaged file must not ask for gigabytes.
  constexpr size_t kMaxTokens = 1 << 20;
  std::vector<std::string> tokens;
  const auto put = [&](const std::string& token, size_t id) {
    if (id >= kMaxTokens) throw std::runtime_error(path.string() + ": token id out of range");
    if (id >= tokens.size()) tokens.resize(id + 1);
    tokens[id] = token;
  };
  const json root = parse_file(path);
  try {
    const auto vocabulary = root.at("model").at("vocab").get<std::map<std::string, size_t>>();
    for (const auto& [token, id] : vocabulary) put(token, id);
    for (const auto& added : root.value("added_tokens", json::array())) {
      put(added.at("content"), added.at("id"));
    }
  } catch (const json::exception&) {
    throw std::runtime_error(path.string() + " is not a tokenizer of Hugging Face's format");
  }
  append_timestamps(tokens);
  return tokens;
}

std::vector<std::string> read_vocabulary(const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder / "vocabulary.json")) {
    return parse_file(folder / "vocabulary.json").get<std::vector<std::string>>();
  }
  std::vector<std::string> tokens;
  std::ifstream file(folder / "vocabulary.txt");
  for (std::string line; std::getline(file, line);) tokens.push_back(line);
  return tokens;
}

/// Ids between <|startoftranscript|> and <|translate|>: the languages.
json language_ids(const std::vector<std::string>& tokens) {
  json ids = json::array();
  bool inside = false;
  for (size_t id = 0; id < tokens.size() && tokens[id] != "<|translate|>"; ++id) {
    if (inside) ids.push_back(id);
    inside = inside || tokens[id] == "<|startoftranscript|>";
  }
  return ids;
}

/// A blank and <|endoftext|>: what must not be the first token.
json first_suppressed_ids(const std::vector<std::string>& tokens) {
  json ids = json::array();
  for (size_t id = 0; id < tokens.size(); ++id) {
    if (tokens[id] == "\u0120" || tokens[id] == "<|endoftext|>") ids.push_back(id);
  }
  return ids;
}

}  // namespace

FolderReader::FolderReader(const std::string& folder, std::string weights)
    : ModelFileReader(folder), weights_(std::move(weights)) {
  const std::filesystem::path path(folder);
  const bool has_vocabulary = std::filesystem::exists(path / "vocabulary.json") ||
                              std::filesystem::exists(path / "vocabulary.txt");
  if (!has_vocabulary && !std::filesystem::exists(path / "tokenizer.json")) {
    throw std::runtime_error("no vocabulary.json, vocabulary.txt or tokenizer.json in " + folder);
  }
  std::vector<std::string> tokens;
  if (!has_vocabulary) {
    tokens = tokens_of(path / "tokenizer.json");
    made_["vocabulary.json"] = json(tokens).dump();
  }
  json config = json::object();
  if (std::filesystem::exists(path / "config.json")) config = parse_file(path / "config.json");
  if (!config.is_object()) throw std::runtime_error(folder + "/config.json is not a JSON object");
  if (config.contains("lang_ids") && config.contains("suppress_ids_begin")) return;
  if (tokens.empty()) tokens = read_vocabulary(path);
  if (!config.contains("lang_ids")) config["lang_ids"] = language_ids(tokens);
  if (!config.contains("suppress_ids_begin")) {
    config["suppress_ids_begin"] = first_suppressed_ids(tokens);
  }
  made_["config.json"] = config.dump();
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
