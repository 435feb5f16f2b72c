// Any bytes as the weights or the config.json of the native engine must give an error that names
// the file, or weights on which encoder and decoder run. Must not crash. The first byte selects the
// file.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "models/model_file.h"
#include "pipeline/asr/model_config.h"
#include "pipeline/asr/native/decoder.h"
#include "pipeline/asr/native/encoder.h"

namespace {

using namespace steno;
using namespace steno::asr;
using namespace steno::asr::native;

void require(bool condition) {
  if (!condition) std::abort();
}

/// The shortest window and two tokens.
void run(const Weights& weights, ThreadTeam& team) {
  if (weights.audio_positions < 2) return;
  Features features{weights.mels, 4, {}};
  features.values.assign(static_cast<std::size_t>(weights.mels) * 4, 0.5f);
  const auto window = encode(best_kernels(), weights, features, team, 2);
  require(window->positions == 2);
  Decoder decoder(best_kernels(), weights, team);
  TextCache text(weights, 1);
  const int path[] = {0};
  const int wanted[] = {0};
  for (int position = 0; position < std::min(2, weights.text_positions); ++position) {
    const TokenRow row = {weights.vocabulary - 1, position, 0, path, window.get(), &text};
    decoder.forward({&row, 1});
    require(decoder.logits(wanted, 2) != nullptr);
  }
}

/// Whether all values calculated from the weights stay in float's range. Otherwise the results are
/// meaningless, and UndefinedBehaviorSanitizer reports their conversion to integers.
bool is_moderate(const models::ModelFile& file) {
  for (const auto& tensor : file.tensors()) {
    const bool is_scale = tensor.name.ends_with("_scale");
    for (const float value : models::to_float(tensor)) {
      if (is_scale ? !(value > 1 && value < 1e6f) : !(std::abs(value) < 1000)) return false;
    }
  }
  return true;
}

void try_weights(const std::string& content) {
  static ThreadTeam team(1);
  const auto file = models::ModelFile::parse(std::as_bytes(std::span(content)), "fuzz");
  if (!file) return;  // see model_file_fuzz.cc
  const auto sizes = sizes_of(**file);
  const auto weights = load_weights(**file, best_kernels());
  if (!weights) {
    require(weights.error().message.starts_with("fuzz: "));
    return;
  }
  require(sizes && sizes->vocabulary == (*weights)->vocabulary &&
          sizes->heads == (*weights)->heads && sizes->layers == int((*weights)->decoder.size()));
  if (is_moderate(**file)) run(**weights, team);
}

void try_config(const std::string& content) {
  constexpr ModelSizes kSizes = {51865, 6, 8};
  const auto config = parse_model_config(content, "fuzz", kSizes);
  if (!config) {
    require(config.error().message.starts_with("fuzz: "));
    return;
  }
  for (const int id : config->languages) require(id >= 0 && id < kSizes.vocabulary);
  for (const int id : config->begin_suppressed.value_or(std::vector<int>())) {
    require(id >= 0 && id < kSizes.vocabulary);
  }
  for (const auto& [layer, head] : config->alignment_heads) {
    require(layer >= 0 && layer < kSizes.layers && head >= 0 && head < kSizes.heads);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string content(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    try_weights(content);
  } else {
    try_config(content);
  }
  return 0;
}
