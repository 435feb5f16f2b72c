#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "models/model_file.h"

namespace steno::asr {

/// From 51865 ids on a vocabulary has the languages' tokens.
inline constexpr int kMultilingualVocabulary = 51865;

/// Sizes of a model's arrays, which the ids and heads of its config.json must stay below.
struct ModelSizes {
  int vocabulary = 0;
  int layers = 0;  ///< of the decoder
  int heads = 0;   ///< of each layer
};

/// The sizes that the arrays of a model file have; bad_model where one is missing.
Result<ModelSizes> sizes_of(const models::ModelFile& file);

/// What config.json of a model folder adds to the weights.
struct ModelConfig {
  std::optional<std::vector<int>> begin_suppressed;  ///< never the first token; none: not said
  std::vector<int> languages;                        ///< ids of <|en|>…; empty: not said
  /// (layer, head), each once; empty: not said.
  std::vector<std::pair<int, int>> alignment_heads;
};

/// Reads the text of a config.json; `file` is for messages. bad_model for what is not of the right
/// kind, and for ids and heads that the model does not have.
Result<ModelConfig> parse_model_config(const std::string& json, const std::string& file,
                                       const ModelSizes& sizes);

/// The config.json of a model folder. What a converter left out, as all is where there is no such
/// file, is filled in: ids from the folder's vocabulary, alignment heads as openai/whisper does.
Result<ModelConfig> read_model_config(const std::string& folder, const ModelSizes& sizes);

/// The tokens of a model folder by id, from vocabulary.json, vocabulary.txt or, where there is
/// neither, tokenizer.json. Throws std::runtime_error with one line when it has none of them or one
/// that cannot be read.
std::vector<std::string> listed_tokens(const std::string& folder);

}  // namespace steno::asr
