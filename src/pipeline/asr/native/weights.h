#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "models/model_file.h"
#include "pipeline/asr/native/packed.h"

namespace steno::asr::native {

struct LayerNorm {
  std::vector<float> gamma;
  std::vector<float> beta;
};

/// The two linear layers between which GELU stands, and the normalisation before them.
struct FeedForward {
  LayerNorm norm;
  PackedMatrix<int8_t> inner;
  PackedMatrix<int8_t> outer;
};

struct SelfAttention {
  LayerNorm norm;
  PackedMatrix<int8_t> query_key_value;  ///< rows: queries, keys, values
  PackedMatrix<int8_t> output;
};

struct CrossAttention {
  LayerNorm norm;
  PackedMatrix<int8_t> query;
  PackedMatrix<int8_t> key_value;  ///< rows: keys, values
  PackedMatrix<int8_t> output;
};

struct EncoderLayer {
  SelfAttention attention;
  FeedForward feed_forward;
};

struct DecoderLayer {
  SelfAttention attention;
  CrossAttention cross;
  FeedForward feed_forward;
};

/// A convolution over three frames as matrices over single frames, int16 for precision.
struct Convolution {
  std::vector<PackedMatrix<int16_t>> taps;
  std::vector<float> bias;
};

/// A Whisper model's weights in the kernels' layout. Immutable once loaded.
struct Weights {
  int mels = 0;
  int width = 0;  ///< of the model (d_model)
  int heads = 0;  ///< of each attention, head width = width / heads
  int inner = 0;  ///< width between the feed-forward layers
  int vocabulary = 0;
  int audio_positions = 0;  ///< 1500: frames after the second convolution
  int text_positions = 0;   ///< 448

  PackedMatrix<int16_t> convolution1;  ///< over three neighbouring frames at once
  Convolution convolution2;
  std::vector<float> audio_position_embeddings;  ///< [audio_positions x width]
  std::vector<EncoderLayer> encoder;
  LayerNorm encoder_norm;

  PackedMatrix<int8_t> embeddings;              ///< also the output projection
  std::vector<float> text_position_embeddings;  ///< [text_positions x width]
  std::vector<DecoderLayer> decoder;
  LayerNorm decoder_norm;
};

/// Packs the weights of a model file, float ones quantised as CTranslate2 does for int8. Fails
/// with `bad_model` where an array is missing or has another shape than a Whisper model's.
Result<std::unique_ptr<const Weights>> load_weights(const models::ModelFile& file,
                                                    const Kernels& kernels);

}  // namespace steno::asr::native
