#pragma once

#include <memory>
#include <span>
#include <vector>

#include "pipeline/asr/native/encoder.h"
#include "pipeline/asr/native/layers.h"

namespace steno::asr::native {

/// Self-attention keys and values of one window's hypotheses. Each position has one slot per
/// hypothesis. A hypothesis records its slot at each position (its path), so beams branch without
/// copying.
class TextCache {
 public:
  TextCache(const Weights& weights, int slots);
  /// The keys at that place, `width` floats; the values follow them.
  float* at(int position, int layer, int slot);

 private:
  int layers_;
  int slots_;
  int width_;
  std::vector<std::unique_ptr<float[]>> positions_;
};

/// One token to run through the decoder.
struct TokenRow {
  int token = 0;
  int position = 0;
  int slot = 0;               ///< where this token's keys and values are stored
  const int* path = nullptr;  ///< slots of the positions before this one
  const EncodedWindow* audio = nullptr;
  TextCache* text = nullptr;
};

/// The decoder's forward pass over rows of any windows. Rows of the same window must be adjacent.
class Decoder {
 public:
  Decoder(const Kernels& kernels, const Weights& weights, ThreadTeam& team)
      : kernels_(kernels), weights_(weights), team_(team) {}

  /// Receives the products of queries and keys of chosen heads: [head][row][audio position].
  struct Capture {
    std::vector<std::pair<int, int>> heads;  ///< (layer, head)
    std::vector<std::vector<float>> scores;
  };

  /// Runs the rows through all layers. The result is kept for logits().
  void forward(std::span<const TokenRow> rows, Capture* capture = nullptr);
  /// Logits of some rows of the last forward(), each `logits_stride()` floats. The caller may
  /// modify them.
  float* logits(std::span<const int> rows, int threads);
  int logits_stride() const { return weights_.embeddings.padded_rows(); }

 private:
  void embed(std::span<const TokenRow> rows);
  void attend_to_text(const SelfAttention& attention, int layer, std::span<const TokenRow> rows);
  void attend_to_audio(const CrossAttention& attention, int layer, std::span<const TokenRow> rows,
                       Capture* capture);

  const Kernels& kernels_;
  const Weights& weights_;
  ThreadTeam& team_;
  std::vector<float> x_;
  std::vector<float> projected_;
  Activations attended_;
  Scratch scratch_;
  Activations chosen_;
  std::vector<float> logits_;
  std::vector<float> attention_weights_;
};

}  // namespace steno::asr::native
