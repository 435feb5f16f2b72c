#include "pipeline/asr/model_config.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "transcript/languages.h"

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

/// Uses 64 bits so that a large number cannot wrap to a small one. Refuses fractions.
std::int64_t whole(const json& value) {
  if (!value.is_number_integer())
    throw std::runtime_error(value.dump().substr(0, 40) + " is no id");
  return value.get<std::int64_t>();
}

/// Appends <|0.00|> to <|30.00|>, which many tokenizer.json files omit. They follow
/// <|notimestamps|>.
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
  // Enough for every known vocabulary, so that a damaged file cannot allocate gigabytes.
  constexpr std::int64_t kMaxTokens = 1 << 20;
  std::vector<std::string> tokens;
  const auto put = [&](const std::string& token, const json& value) {
    const std::int64_t id = value.is_number_integer() ? value.get<std::int64_t>() : -1;
    if (id < 0 || id >= kMaxTokens) {
      throw std::runtime_error(path.string() + ": token id out of range");
    }
    const auto index = static_cast<size_t>(id);
    if (index >= tokens.size()) tokens.resize(index + 1);
    tokens[index] = token;
  };
  const json root = parse_file(path);
  try {
    const auto& vocabulary = root.at("model").at("vocab").get_ref<const json::object_t&>();
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

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

/// The ids under `name`, each below `limit`. Throws std::runtime_error. None if the value is null.
std::optional<std::vector<int>> ids(const json& config, const char* name, int limit) {
  const auto found = config.find(name);
  if (found == config.end() || found->is_null()) return std::nullopt;
  std::vector<int> read;
  for (const json& value : found->get<json::array_t>()) {
    const std::int64_t id = whole(value);
    if (id < 0 || id >= limit) {
      throw std::runtime_error(name + (" holds " + std::to_string(id)) + ", but the model has " +
                               std::to_string(limit) + " tokens");
    }
    read.push_back(static_cast<int>(id));
  }
  return read;
}

std::vector<std::pair<int, int>> heads(const json& config, const ModelSizes& sizes) {
  constexpr const char* kName = "alignment_heads";
  std::vector<std::pair<int, int>> read;
  const auto found = config.find(kName);
  if (found == config.end() || found->is_null()) return read;
  for (const json& pair : found->get<json::array_t>()) {
    const std::int64_t layer = whole(pair.at(0));
    const std::int64_t head = whole(pair.at(1));
    if (layer < 0 || layer >= sizes.layers || head < 0 || head >= sizes.heads) {
      throw std::runtime_error(std::string(kName) + " holds [" + std::to_string(layer) + ", " +
                               std::to_string(head) + "], but the model has " +
                               std::to_string(sizes.layers) + " layers of " +
                               std::to_string(sizes.heads) + " heads");
    }
    const std::pair<int, int> one(static_cast<int>(layer), static_cast<int>(head));
    if (std::ranges::find(read, one) == read.end()) read.push_back(one);
  }
  return read;
}

std::vector<int> language_ids(const std::vector<std::string>& tokens) {
  std::map<std::string, int> by_text;
  for (const Language& language : languages()) {
    by_text.emplace("<|" + std::string(language.code) + "|>", 0);
  }
  std::vector<int> found;
  for (size_t id = 0; id < tokens.size(); ++id) {
    if (by_text.contains(tokens[id])) found.push_back(static_cast<int>(id));
  }
  return found;
}

/// A blank and <|endoftext|>, which must not be the first token.
std::vector<int> first_suppressed_ids(const std::vector<std::string>& tokens) {
  std::vector<int> found;
  for (size_t id = 0; id < tokens.size(); ++id) {
    if (tokens[id] == "\u0120" || tokens[id] == "<|endoftext|>") {
      found.push_back(static_cast<int>(id));
    }
  }
  return found;
}

/// All heads of the upper half of the layers, as openai/whisper does for an unknown model.
std::vector<std::pair<int, int>> upper_heads(const ModelSizes& sizes) {
  std::vector<std::pair<int, int>> all;
  for (int layer = sizes.layers / 2; layer < sizes.layers; ++layer) {
    for (int head = 0; head < sizes.heads; ++head) all.emplace_back(layer, head);
  }
  return all;
}

void fill_in(ModelConfig& config, const std::string& folder, const ModelSizes& sizes) {
  if (config.alignment_heads.empty()) config.alignment_heads = upper_heads(sizes);
  const bool needs_languages =
      config.languages.empty() && sizes.vocabulary >= kMultilingualVocabulary;
  if (!needs_languages && config.begin_suppressed) return;
  auto tokens = listed_tokens(folder);
  tokens.resize(std::min<size_t>(tokens.size(), static_cast<size_t>(sizes.vocabulary)));
  if (needs_languages) config.languages = language_ids(tokens);
  if (!config.begin_suppressed) config.begin_suppressed = first_suppressed_ids(tokens);
}

}  // namespace

Result<ModelSizes> sizes_of(const models::ModelFile& file) {
  const models::Tensor* embeddings = file.find("decoder/embeddings/weight");
  const models::Tensor* heads = file.find("encoder/num_heads");
  ModelSizes sizes;
  while (file.find("decoder/layer_" + std::to_string(sizes.layers) + "/ffn/linear_0/weight")) {
    ++sizes.layers;
  }
  if (embeddings == nullptr || heads == nullptr || heads->size() != 1 || sizes.layers == 0) {
    return fail(Errc::bad_model, file.path() + ": not a Whisper model: it has no decoder");
  }
  const float count = models::to_float(*heads)[0];
  if (!(count >= 1 && count <= 1024) || embeddings->rows() > (1 << 20)) {
    return fail(Errc::bad_model, file.path() + ": not a Whisper model: its sizes make no sense");
  }
  sizes.vocabulary = static_cast<int>(embeddings->rows());
  sizes.heads = static_cast<int>(count);
  return sizes;
}

Result<ModelConfig> parse_model_config(const std::string& text, const std::string& file,
                                       const ModelSizes& sizes) {
  const json root = json::parse(text, nullptr, false);
  if (!root.is_object()) return fail(Errc::bad_model, file + ": not a JSON object");
  try {
    ModelConfig config;
    config.begin_suppressed = ids(root, "suppress_ids_begin", sizes.vocabulary);
    config.languages = ids(root, "lang_ids", sizes.vocabulary).value_or(std::vector<int>());
    config.alignment_heads = heads(root, sizes);
    return config;
  } catch (const std::exception& error) {  // includes JSON values of the wrong type
    return fail(Errc::bad_model, file + ": " + error.what());
  }
}

Result<ModelConfig> read_model_config(const std::string& folder, const ModelSizes& sizes) {
  const auto path = std::filesystem::path(folder) / "config.json";
  std::string text = "{}";
  if (std::error_code none; std::filesystem::exists(path, none)) {
    std::ifstream in(path);
    text.assign(std::istreambuf_iterator<char>(in), {});
    if (!in) return fail(Errc::bad_model, path.string() + ": cannot be read");
  }
  auto config = parse_model_config(text, path.string(), sizes);
  if (!config) return config;
  try {
    fill_in(*config, folder, sizes);
  } catch (const std::runtime_error& error) {
    return fail(Errc::bad_model, error.what());
  }
  return config;
}

std::vector<std::string> listed_tokens(const std::string& folder) {
  const std::filesystem::path path(folder);
  if (std::filesystem::exists(path / "vocabulary.json")) {
    try {
      return parse_file(path / "vocabulary.json").get<std::vector<std::string>>();
    } catch (const json::exception&) {
      throw std::runtime_error((path / "vocabulary.json").string() + " is not a list of strings");
    }
  }
  if (std::filesystem::exists(path / "vocabulary.txt")) return lines_of(path / "vocabulary.txt");
  if (std::filesystem::exists(path / "tokenizer.json")) return tokens_of(path / "tokenizer.json");
  throw std::runtime_error("no vocabulary.json, vocabulary.txt or tokenizer.json in " + folder);
}

}  // namespace steno::asr
