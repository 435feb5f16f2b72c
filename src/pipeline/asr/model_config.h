#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "models/model_file.h"

namespace steno::asr {

/// A vocabulary of at least this size has language tokens.
inline constexpr int kMultilingualVocabulary = 51865;

/// The sizes of a model's arrays. They limit the ids and heads in config.json.
struct ModelSizes {
  int vocabulary = 0;
  int layers = 0;  ///< of the decoder
  int heads = 0;   ///< of each layer
};

/// Reads the sizes from the arrays of a model file. Fails with bad_model if one is missing.
Result<ModelSizes> sizes_of(const models::ModelFile& file);

/// The settings in a model folder's config.json.
struct ModelConfig {
  /// Tokens that must not come first; none: not given.
  std::optional<std::vector<int>> begin_suppressed;
  std::vector<int> languages;  ///< ids of <|en|>…; empty: not given
  /// (layer, head), each once; empty: not given.
  std::vector<std::pair<int, int>> alignment_heads;
};

/// Parses a config.json. `file` is the name for error messages. Fails with bad_model for values of
/// the wrong type, and for ids and heads that the model does not have.
Result<ModelConfig> parse_model_config(const std::string& json, const std::string& file,
                                       const ModelSizes& sizes);

/// Reads the config.json of a model folder. Missing values, or a missing file, are replaced: ids
/// come from the folder's vocabulary, alignment heads from the rule of openai/whisper.
Result<ModelConfig> read_model_config(const std::string& folder, const ModelSizes& sizes);

/// The tokens of a model folder by id, from vocabulary.json, vocabulary.txt or tokenizer.json, in
/// this order. Throws std::runtime_error with a one-line message if none exists or it cannot be
/// read.
std::vector<std::string> listed_tokens(const std::string& folder);

}  // namespace steno::asr
