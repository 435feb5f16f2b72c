#include "unit/pipeline/asr/small_model.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>

#include "test_paths.h"
#include "unit/models/model_bytes.h"

namespace steno::asr {
namespace {

namespace fs = std::filesystem;
using models::DataType;
using models::ModelBytes;

class Builder {
 public:
  void scalar(const std::string& name, std::int16_t value) {
    bytes_.array<std::int16_t>(name, {}, DataType::int16, {value});
    ++count_;
  }
  void flag(const std::string& name, std::int8_t value) {
    bytes_.array<std::int8_t>(name, {}, DataType::int8, {value});
    ++count_;
  }
  /// Random numbers of that size around `middle`.
  void array(const std::string& name, const std::vector<int>& shape, float size, float middle = 0) {
    size_t count = 1;
    for (const int dimension : shape) count *= static_cast<size_t>(dimension);
    std::vector<float> values(count);
    for (float& value : values) {
      value = middle + size * (static_cast<float>(random_() % 2001) / 1000.0f - 1.0f);
    }
    bytes_.array<float>(name, {shape.begin(), shape.end()}, DataType::float32, values);
    ++count_;
  }
  void linear(const std::string& name, int rows, int depth) {
    array(name + "/weight", {rows, depth}, 1.5f / std::sqrt(static_cast<float>(depth)));
    array(name + "/bias", {rows}, 0.2f);
  }
  void norm(const std::string& name, int width) {
    array(name + "/gamma", {width}, 0.1f, 1);
    array(name + "/beta", {width}, 0.1f);
  }
  std::string take() {
    ModelBytes file;
    file.header(6, count_);
    ModelBytes end;
    end.add(std::uint32_t{1}).name("decoder/projection/weight").name("decoder/embeddings/weight");
    return file.text() + bytes_.text() + end.text();
  }

 private:
  ModelBytes bytes_;
  std::uint32_t count_ = 0;
  std::mt19937 random_{7};
};

void add_layers(Builder& build, const std::string& side, const SmallModel& model) {
  for (int i = 0; i < model.layers; ++i) {
    const std::string layer = side + "/layer_" + std::to_string(i);
    build.norm(layer + "/self_attention/layer_norm", model.width);
    build.linear(layer + "/self_attention/linear_0", 3 * model.width, model.width);
    build.linear(layer + "/self_attention/linear_1", model.width, model.width);
    if (side == "decoder") {
      build.norm(layer + "/attention/layer_norm", model.width);
      build.linear(layer + "/attention/linear_0", model.width, model.width);
      build.linear(layer + "/attention/linear_1", 2 * model.width, model.width);
      build.linear(layer + "/attention/linear_2", model.width, model.width);
    }
    build.norm(layer + "/ffn/layer_norm", model.width);
    build.linear(layer + "/ffn/linear_0", model.inner, model.width);
    build.linear(layer + "/ffn/linear_1", model.width, model.inner);
  }
  build.norm(side + "/layer_norm", model.width);
  build.scalar(side + "/num_heads", static_cast<std::int16_t>(model.heads));
}

}  // namespace

std::string small_model_bytes(const SmallModel& model) {
  Builder build;
  build.array("encoder/conv1/weight", {model.width, model.mels, 3}, 0.1f);
  build.array("encoder/conv1/bias", {model.width}, 0.1f);
  build.array("encoder/conv2/weight", {model.width, model.width, 3}, 0.2f);
  build.array("encoder/conv2/bias", {model.width}, 0.1f);
  build.array("encoder/position_encodings/encodings", {model.audio_positions, model.width}, 0.5f);
  add_layers(build, "encoder", model);
  build.array("decoder/embeddings/weight", {model.vocabulary, model.width}, 0.5f);
  build.array("decoder/position_encodings/encodings", {model.text_positions, model.width}, 0.5f);
  add_layers(build, "decoder", model);
  build.flag("decoder/activation", 3);  // GELU
  build.flag("decoder/pre_norm", 1);
  for (const char* off : {"alibi", "alibi_use_positive_positions", "scale_alibi",
                          "scale_embeddings", "start_from_zero_embedding"}) {
    build.flag(std::string("decoder/") + off, 0);
  }
  build.scalar("decoder/alignment_heads", 1);
  build.scalar("decoder/alignment_layer", -1);
  return build.take();
}

ModelFolder::ModelFolder() {
  std::string path = (fs::temp_directory_path() / "steno_model_XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = path;
}

ModelFolder::~ModelFolder() { fs::remove_all(path_); }

void ModelFolder::write(const std::string& name, const std::string& content) const {
  fs::remove(path_ / name);
  std::ofstream(path_ / name, std::ios::binary) << content;
}

void ModelFolder::link(const std::string& model, const std::string& name) const {
  fs::create_symlink(fs::path(STENO_MODELS) / model / name, path_ / name);
}

std::string ModelFolder::read(const std::string& name) const {
  std::ifstream in(path_ / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_small_model(const ModelFolder& folder, const SmallModel& model) {
  constexpr int kAfterLanguages = 50358;  // <|translate|> in the 99 languages' vocabulary
  folder.write("model.bin", small_model_bytes(model));
  std::ifstream in(fs::path(STENO_MODELS) / "base" / "vocabulary.json");
  auto vocabulary = nlohmann::json::parse(in);
  vocabulary.insert(vocabulary.begin() + kAfterLanguages, "<|yue|>");
  folder.write("vocabulary.json", vocabulary.dump());
}

}  // namespace steno::asr
