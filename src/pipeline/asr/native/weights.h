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

/// The two linear layers around GELU, and the normalisation before them.
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

/// A convolution over three frames as matrices over single frames, in int16 for precision.
struct Convolution {
  std::vector<PackedMatrix<int16_t>> taps;
  std::vector<float> bias;
};

/// A Whisper model's weights in the kernels' layout. Immutable after loading.
struct Weights {
  int mels = 0;
  int width = 0;  ///< width of the model (d_model)
  int heads = 0;  ///< heads of each attention; head width = width / heads
  int inner = 0;  ///< width between the feed-forward layers
  int vocabulary = 0;
  int audio_positions = 0;  ///< 1500: frames after the second convolution
  int text_positions = 0;   ///< 448

  PackedMatrix<int16_t> convolution1;  ///< over three adjacent frames at once
  Convolution convolution2;
  std::vector<float> audio_position_embeddings;  ///< [audio_positions x width]
  std::vector<EncoderLayer> encoder;
  LayerNorm encoder_norm;

  PackedMatrix<int8_t> embeddings;              ///< also used as the output projection
  std::vector<float> text_position_embeddings;  ///< [text_positions x width]
  std::vector<DecoderLayer> decoder;
  LayerNorm decoder_norm;
};

/// Packs the weights of a model file. Float weights are quantised as CTranslate2 does for int8.
/// Fails with `bad_model` if an array is missing or has an unexpected shape.
Result<std::unique_ptr<const Weights>> load_weights(const models::ModelFile& file,
                                                    const Kernels& kernels);

}  // namespace steno::asr::native
