#include "pipeline/asr/native/weights.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>

namespace steno::asr::native {
namespace {

using models::DataType;
using models::ModelFile;
using models::Tensor;

/// Larger than any size in a Whisper model. Products of a few such sizes fit in 64 bits.
constexpr int kLargestSize = 1 << 20;

/// Reads arrays by name. Throws std::runtime_error, which load_weights converts to a Result.
class Loader {
 public:
  Loader(const ModelFile& file, const Kernels& kernels) : file_(file), kernels_(kernels) {}

  const Tensor& tensor(const std::string& name) const {
    const Tensor* found = file_.find(name);
    if (!found) throw std::runtime_error("the array " + name + " is missing");
    return *found;
  }

  bool has(const std::string& name) const { return file_.find(name) != nullptr; }

  std::vector<float> vector(const std::string& name, int64_t size) const {
    const Tensor& found = tensor(name);
    require(found, found.size() == size);
    if (!found.is_float()) scales_of(found);
    std::vector<float> values = models::dequantised(file_, found);
    if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
      throw std::runtime_error("the array " + name + " contains values that are not numbers");
    }
    return values;
  }

  int scalar(const std::string& name) const {
    const Tensor& found = tensor(name);
    require(found, found.size() == 1);
    float value = 0;
    models::to_float(found, 0, 1, &value);
    if (!(value >= 0 && value <= kLargestSize)) {
      throw std::runtime_error("the number " + name + " makes no sense");
    }
    return static_cast<int>(value);
  }

  /// Dimension `axis` of an array. The kernels read it `step` elements at a time.
  static int size(const Tensor& tensor, size_t axis, int step = 1) {
    require(tensor, axis < tensor.shape.size() && tensor.shape[axis] <= kLargestSize);
    if (tensor.shape[axis] % step != 0) {
      throw std::runtime_error("the array " + tensor.name + " has a dimension of " +
                               std::to_string(tensor.shape[axis]) + ", which is no multiple of " +
                               std::to_string(step));
    }
    return static_cast<int>(tensor.shape[axis]);
  }

  /// Registers a linear layer. run() packs it.
  void linear(const std::string& name, int rows, int depth, PackedMatrix<int8_t>& out) {
    matrix(name + "/weight", rows, depth, out);
    out.set_bias(vector(name + "/bias", rows));
  }

  void matrix(const std::string& name, int rows, int depth, PackedMatrix<int8_t>& out) {
    const Tensor& weight = tensor(name);
    require(weight,
            weight.shape.size() == 2 && weight.shape[0] == rows && weight.shape[1] == depth);
    const std::vector<float> scales = weight.is_float() ? std::vector<float>() : scales_of(weight);
    out = PackedMatrix<int8_t>(rows, depth, kernels_.weight_group);
    work_.push_back([this, &weight, scales, &out] { pack(weight, scales, out); });
  }

  LayerNorm norm(const std::string& name, int width) const {
    return {vector(name + "/gamma", width), vector(name + "/beta", width)};
  }

  static void require(const Tensor& tensor, bool right) {
    if (!right) throw std::runtime_error("the array " + tensor.name + " has an unexpected shape");
  }

  /// Packs all matrices with one thread per core.
  void run() {
    std::atomic<size_t> next = 0;
    const auto worker = [&] {
      for (size_t i = next++; i < work_.size(); i = next++) work_[i]();
    };
    const unsigned count = std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < count; ++i) threads.emplace_back(worker);
    worker();
  }

 private:
  /// The scale of each row of a quantised weight: value = integer / scale.
  std::vector<float> scales_of(const Tensor& weight) const {
    if (weight.type != DataType::int8 && weight.type != DataType::int16) {
      throw std::runtime_error("the array " + weight.name +
                               " is of a type that weights never have");
    }
    const auto rows = static_cast<size_t>(weight.rows());
    const Tensor* saved = file_.find(weight.name + "_scale");
    if (!saved && weight.type == DataType::int16)
      return std::vector<float>(rows, models::kOldInt16Scale);
    if (!saved) throw std::runtime_error("the array " + weight.name + "_scale is missing");
    std::vector<float> scales = models::to_float(*saved);
    if (scales.size() == 1) scales.resize(rows, scales[0]);
    require(*saved, scales.size() == rows);
    return scales;
  }

  void pack(const Tensor& weight, const std::vector<float>& scales,
            PackedMatrix<int8_t>& out) const {
    const int64_t depth = weight.shape[1];
    const models::Rounding rounding = models::rounding_of(file_);
    std::vector<float> row(depth);
    std::vector<int8_t> integers(depth);
    for (int64_t r = 0; r < weight.shape[0]; ++r) {
      if (weight.type == DataType::int8) {
        const auto* source = reinterpret_cast<const int8_t*>(weight.bytes.data()) + r * depth;
        out.set_row(static_cast<int>(r), source, 1.0f / scales[r]);
        continue;
      }
      models::to_float(weight, r * depth, depth, row.data());
      if (!scales.empty()) {
        const float inverse = 1.0f / scales[r];
        for (float& value : row) value *= inverse;
      }
      const float scale = models::quantize_row(row.data(), depth, rounding, integers.data());
      out.set_row(static_cast<int>(r), integers.data(), 1.0f / scale);
    }
  }

  const ModelFile& file_;
  const Kernels& kernels_;
  std::vector<std::function<void()>> work_;
};

/// Rows of float weights as int16, with the largest range that products with `left_limit` allow.
PackedMatrix<int16_t> pack_int16(const std::vector<float>& weights, int rows, int depth,
                                 float left_limit) {
  PackedMatrix<int16_t> packed(rows, depth, 2);
  const float limit = product_limit(depth, static_cast<int>(left_limit));
  std::vector<int16_t> integers(depth);
  for (int r = 0; r < rows; ++r) {
    const float scale = portable_kernels()->quantize(
        weights.data() + static_cast<size_t>(r) * depth, depth, limit, integers.data());
    packed.set_row(r, integers.data(), scale);
  }
  return packed;
}

/// Reorders weights [rows][depth][3] by frame, to [3][rows][depth] or [rows][3][depth].
std::vector<float> by_frame(const std::vector<float>& weights, int rows, int depth,
                            bool frame_first) {
  std::vector<float> ordered(weights.size());
  for (int r = 0; r < rows; ++r) {
    for (int k = 0; k < depth; ++k) {
      for (int tap = 0; tap < 3; ++tap) {
        const size_t target = frame_first ? (static_cast<size_t>(tap) * rows + r) * depth + k
                                          : (static_cast<size_t>(r) * 3 + tap) * depth + k;
        ordered[target] = weights[(static_cast<size_t>(r) * depth + k) * 3 + tap];
      }
    }
  }
  return ordered;
}

void load_feed_forward(Loader& load, const std::string& name, int width, int inner,
                       FeedForward& out) {
  out.norm = load.norm(name + "/layer_norm", width);
  load.linear(name + "/linear_0", inner, width, out.inner);
  load.linear(name + "/linear_1", width, inner, out.outer);
}

void load_self_attention(Loader& load, const std::string& name, int width, SelfAttention& out) {
  out.norm = load.norm(name + "/layer_norm", width);
  load.linear(name + "/linear_0", 3 * width, width, out.query_key_value);
  load.linear(name + "/linear_1", width, width, out.output);
}

void load_encoder(Loader& load, Weights& weights) {
  const Tensor& first = load.tensor("encoder/conv1/weight");
  Loader::require(first, first.shape.size() == 3 && first.shape[2] == 3);
  const int width = weights.width = Loader::size(first, 0, kPanelRows);
  weights.mels = Loader::size(first, 1, 2);
  weights.heads = load.scalar("encoder/num_heads");
  if (weights.heads <= 0 || width % weights.heads != 0 || width / weights.heads % kPanelRows != 0) {
    throw std::runtime_error("the number of heads does not fit the width");
  }
  const auto conv1 = load.vector("encoder/conv1/weight", int64_t{3} * width * weights.mels);
  weights.convolution1 = pack_int16(by_frame(conv1, width, weights.mels, false), width,
                                    3 * weights.mels, kConvolutionLimit);
  weights.convolution1.set_bias(load.vector("encoder/conv1/bias", width));

  const auto conv2 = load.vector("encoder/conv2/weight", int64_t{3} * width * width);
  const std::vector<float> taps = by_frame(conv2, width, width, true);
  const size_t tap_size = static_cast<size_t>(width) * width;
  for (int tap = 0; tap < 3; ++tap) {
    const std::vector<float> one(taps.begin() + tap * tap_size,
                                 taps.begin() + (tap + 1) * tap_size);
    weights.convolution2.taps.push_back(pack_int16(one, width, width, kConvolutionLimit));
  }
  weights.convolution2.taps[0].set_bias(load.vector("encoder/conv2/bias", width));

  const Tensor& positions = load.tensor("encoder/position_encodings/encodings");
  Loader::require(positions,
                  positions.size() % width == 0 && positions.size() / width <= kLargestSize);
  weights.audio_positions = static_cast<int>(positions.size() / width);
  weights.audio_position_embeddings = models::to_float(positions);

  int layers = 0;
  while (load.has("encoder/layer_" + std::to_string(layers) + "/ffn/linear_0/weight")) ++layers;
  if (layers == 0) throw std::runtime_error("it has no encoder layers");
  weights.inner = Loader::size(load.tensor("encoder/layer_0/ffn/linear_0/weight"), 0, kPanelRows);
  weights.encoder.resize(layers);
  for (int i = 0; i < layers; ++i) {
    const std::string name = "encoder/layer_" + std::to_string(i);
    load_self_attention(load, name + "/self_attention", width, weights.encoder[i].attention);
    load_feed_forward(load, name + "/ffn", width, weights.inner, weights.encoder[i].feed_forward);
  }
  weights.encoder_norm = load.norm("encoder/layer_norm", width);
}

void load_decoder(Loader& load, Weights& weights) {
  const int width = weights.width;
  const Tensor& embeddings = load.tensor("decoder/embeddings/weight");
  weights.vocabulary = Loader::size(embeddings, 0);
  load.matrix("decoder/embeddings/weight", weights.vocabulary, width, weights.embeddings);
  if (load.has("decoder/num_heads") && load.scalar("decoder/num_heads") != weights.heads) {
    throw std::runtime_error("its decoder has other heads than its encoder");
  }
  if (&load.tensor("decoder/projection/weight") != &embeddings) {
    throw std::runtime_error("its output projection is not its embedding");
  }
  const Tensor& positions = load.tensor("decoder/position_encodings/encodings");
  Loader::require(positions,
                  positions.size() % width == 0 && positions.size() / width <= kLargestSize);
  weights.text_positions = static_cast<int>(positions.size() / width);
  weights.text_position_embeddings = models::to_float(positions);

  int layers = 0;
  while (load.has("decoder/layer_" + std::to_string(layers) + "/ffn/linear_0/weight")) ++layers;
  if (layers == 0) throw std::runtime_error("it has no decoder layers");
  weights.decoder.resize(layers);
  for (int i = 0; i < layers; ++i) {
    const std::string name = "decoder/layer_" + std::to_string(i);
    DecoderLayer& layer = weights.decoder[i];
    load_self_attention(load, name + "/self_attention", width, layer.attention);
    layer.cross.norm = load.norm(name + "/attention/layer_norm", width);
    load.linear(name + "/attention/linear_0", width, width, layer.cross.query);
    load.linear(name + "/attention/linear_1", 2 * width, width, layer.cross.key_value);
    load.linear(name + "/attention/linear_2", width, width, layer.cross.output);
    load_feed_forward(load, name + "/ffn", width, weights.inner, layer.feed_forward);
  }
  weights.decoder_norm = load.norm("decoder/layer_norm", width);
}

}  // namespace

Result<std::unique_ptr<const Weights>> load_weights(const ModelFile& file, const Kernels& kernels) {
  try {
    auto weights = std::make_unique<Weights>();
    Loader load(file, kernels);
    load_encoder(load, *weights);
    load_decoder(load, *weights);
    load.run();
    return weights;
  } catch (const std::runtime_error& error) {
    return fail(Errc::bad_model, file.path() + ": not a Whisper model: " + error.what());
  }
}

}  // namespace steno::asr::native
