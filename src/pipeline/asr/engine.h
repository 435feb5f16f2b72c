#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace steno::asr {

/// Log-mel features of one window: row-major [mels x frames], 100 frames a second, float32.
struct Features {
  int mels = 0;
  int frames = 0;
  std::vector<float> values;
};

/// The encoder's output for one window. Only the engine that made it can read it.
class Encoded {
 public:
  virtual ~Encoded() = default;
};
using EncodedPtr = std::shared_ptr<const Encoded>;

/// Token ids that the search rules refer to.
struct SpecialTokens {
  int start = 0;          ///< <|startoftranscript|>
  int end_of_text = 0;    ///< <|endoftext|>
  int no_speech = 0;      ///< <|nospeech|>
  int no_timestamps = 0;  ///< <|notimestamps|>; the timestamp tokens follow it
};

/// Properties of a model, read from its folder.
struct ModelInfo {
  std::string name;
  bool multilingual = true;
  int mels = 80;
  int vocabulary_size = 0;
  SpecialTokens special;
  std::string device;          ///< cpu or cuda
  std::string compute_type;    ///< int8, float16…
  int replicas = 1;            ///< calls that can run concurrently without slowing each other
  int batch_size = 1;          ///< windows that a call should hold for full speed
  bool equal_lengths = false;  ///< whether all windows of a call should have one length
  std::string note;  ///< why the model runs on a slower device than requested; usually empty
};

/// Options of one search. The timestamp rules apply if the prompt does not end in <|notimestamps|>.
struct GenerateOptions {
  int beam_size = 5;
  double patience = 1;
  double length_penalty = 1;
  double repetition_penalty = 1;
  int no_repeat_ngram_size = 0;
  /// Above 0: samples `best_of` hypotheses instead of running a beam search.
  double temperature = 0;
  int best_of = 1;
  int max_new_tokens = 224;
  bool suppress_blank = true;
  std::vector<int> suppress_tokens;      ///< ids; -1 has been expanded
  int max_initial_timestamp_index = 50;  ///< in steps of 0.02 s
};

/// The best hypothesis of one window. `tokens` excludes the prompt and <|endoftext|>.
struct Hypothesis {
  std::vector<int> tokens;
  double avg_logprob = 0;  ///< sum of log-probabilities (<|endoftext|> included) / (tokens + 1)
  double no_speech_prob = 0;
};

/// The position of each text token in the audio, by dynamic time warping over cross-attention.
struct Alignment {
  std::vector<std::pair<int, int>> path;  ///< (text token index, frame index of 0.02 s)
  std::vector<float> token_probabilities;
};

/// One Whisper model on one device. Thread-safe; calls block. Every engine passes
/// tests/unit/pipeline/asr/engine_contract.cc.
///
///     const auto engine = make_engine(config);  // Result
///     const auto encoded = (*engine)->encode(features);
///     const auto hypotheses = (*engine)->generate(encoded, prompts, options);
class Engine {
 public:
  virtual ~Engine() = default;
  virtual const ModelInfo& info() const = 0;
  /// Encodes windows of equal or different length, at most 3000 frames each.
  virtual std::vector<EncodedPtr> encode(std::span<const Features> windows) = 0;
  /// Searches the text of each window, with one prompt per window. Returns early with the current
  /// hypotheses when `stop` is requested. Throws std::invalid_argument for a token id that the
  /// model does not have.
  virtual std::vector<Hypothesis> generate(std::span<const EncodedPtr> windows,
                                           std::span<const std::vector<int>> prompts,
                                           const GenerateOptions& options,
                                           std::stop_token stop) = 0;
  /// Aligns text tokens with the audio. `start` is the task part of the prompt
  /// (<|startoftranscript|>…<|notimestamps|>). `frames` is the number of feature frames of each
  /// window that hold audio. Throws as generate().
  virtual std::vector<Alignment> align(std::span<const EncodedPtr> windows,
                                       const std::vector<int>& start,
                                       std::span<const std::vector<int>> tokens,
                                       std::span<const int> frames) = 0;
  /// The probability of each language token's id, for each window.
  virtual std::vector<std::map<int, float>> detect_language(
      std::span<const EncodedPtr> windows) = 0;
};

/// Throws std::invalid_argument for a token id that the model does not have.
void require_known_tokens(std::span<const int> tokens, const ModelInfo& model);

/// The parameters for building an engine. The folder is in faster-whisper's format.
struct EngineConfig {
  std::string model_folder;
  std::string device = "auto";
  std::vector<int> device_index = {0};
  std::string compute_type = "default";
  int cpu_threads = 0;
  int num_workers = 0;
  std::string note;  ///< copied to ModelInfo::note
};

/// Makes an engine for a config whose device is not auto.
using MakeEngine = std::function<Result<std::unique_ptr<Engine>>(const EngineConfig&)>;

/// Calls `make` for the config's device. For device `auto` it tries a GPU if `gpus` is above 0. If
/// that is unavailable (no cuBLAS, out of memory), it uses the CPU, and the model's note gives the
/// reason.
Result<std::unique_ptr<Engine>> make_where_possible(const EngineConfig& config, int gpus,
                                                    const MakeEngine& make);

/// Makes the engine for a device. Device `auto` uses a GPU if one works. On a CPU, the compute
/// types default, int8 and int8_float32 use the native engine, and all others use CTranslate2.
/// Fails with not_found, bad_model, invalid_argument (a value that the device does not support) or
/// unavailable (no such GPU, or a GPU that does not work).
Result<std::unique_ptr<Engine>> make_engine(const EngineConfig& config);

}  // namespace steno::asr
