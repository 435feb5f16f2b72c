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

/// Log-mel features of one window, row-major [mels x frames], 100 frames a second, float32.
struct Features {
  int mels = 0;
  int frames = 0;
  std::vector<float> values;
};

/// The encoder's output for one window; only the engine that made it can read it.
class Encoded {
 public:
  virtual ~Encoded() = default;
};
using EncodedPtr = std::shared_ptr<const Encoded>;

/// Ids of the tokens that the rules of an engine's search speak of.
struct SpecialTokens {
  int start = 0;          ///< <|startoftranscript|>
  int end_of_text = 0;    ///< <|endoftext|>
  int no_speech = 0;      ///< <|nospeech|>
  int no_timestamps = 0;  ///< <|notimestamps|>; the times follow
};

/// What the model folder says of the model.
struct ModelInfo {
  std::string name;
  bool multilingual = true;
  int mels = 80;
  int vocabulary_size = 0;
  SpecialTokens special;
  std::string device;          ///< cpu or cuda
  std::string compute_type;    ///< int8, float16…
  int replicas = 1;            ///< calls that run at once without slowing each other
  int batch_size = 1;          ///< windows a call should hold for full speed
  bool equal_lengths = false;  ///< and these should have one length
  std::string note;            ///< why it runs on another device than it could; mostly empty
};

/// One search. The timestamp rules apply when the prompt does not end in <|notimestamps|>.
struct GenerateOptions {
  int beam_size = 5;
  double patience = 1;
  double length_penalty = 1;
  double repetition_penalty = 1;
  int no_repeat_ngram_size = 0;
  double temperature = 0;  ///< above 0: samples `best_of` hypotheses instead of a beam
  int best_of = 1;
  int max_new_tokens = 224;
  bool suppress_blank = true;
  std::vector<int> suppress_tokens;      ///< ids, expanded: no -1
  int max_initial_timestamp_index = 50;  ///< in steps of 0.02 s
};

/// The best hypothesis of one window. `tokens` holds neither the prompt nor <|endoftext|>.
struct Hypothesis {
  std::vector<int> tokens;
  double avg_logprob = 0;  ///< sum of log-probabilities, <|endoftext|> counted, over tokens + 1
  double no_speech_prob = 0;
};

/// Where in the audio each text token is (dynamic time warping over cross-attention).
struct Alignment {
  std::vector<std::pair<int, int>> path;  ///< (text token index, frame index of 0.02 s)
  std::vector<float> token_probabilities;
};

/// One Whisper model on one device. Thread-safe; calls block.
/// Every engine passes tests/unit/pipeline/asr/engine_contract.cc.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual const ModelInfo& info() const = 0;
  /// Windows of equal or different length, at most 3000 frames each.
  virtual std::vector<EncodedPtr> encode(std::span<const Features> windows) = 0;
  /// One prompt per window. Ends early, with what there is, when `stop` is requested. Throws
  /// std::invalid_argument for a token that is none of the model's.
  virtual std::vector<Hypothesis> generate(std::span<const EncodedPtr> windows,
                                           std::span<const std::vector<int>> prompts,
                                           const GenerateOptions& options,
                                           std::stop_token stop) = 0;
  /// `start` is the prompt's task part (<|startoftranscript|>…<|notimestamps|>), `frames` the
  /// number of feature frames of each window that hold audio. Throws as generate().
  virtual std::vector<Alignment> align(std::span<const EncodedPtr> windows,
                                       const std::vector<int>& start,
                                       std::span<const std::vector<int>> tokens,
                                       std::span<const int> frames) = 0;
  /// Probability of each language token's id, for each window.
  virtual std::vector<std::map<int, float>> detect_language(
      std::span<const EncodedPtr> windows) = 0;
};

/// Throws std::invalid_argument where a token is none of the model's.
void require_known_tokens(std::span<const int> tokens, const ModelInfo& model);

/// What every engine needs to know to be built; the folder is in faster-whisper's format.
struct EngineConfig {
  std::string model_folder;
  std::string device = "auto";
  std::vector<int> device_index = {0};
  std::string compute_type = "default";
  int cpu_threads = 0;
  int num_workers = 0;
  std::string note;  ///< for the ModelInfo
};

/// Makes an engine for a config whose device is not auto.
using MakeEngine = std::function<Result<std::unique_ptr<Engine>>(const EngineConfig&)>;

/// What `make` makes for the config's device. Device `auto` is a GPU where `gpus` is above 0; if
/// that is unavailable (cuBLAS is missing, or memory), the CPU, and the model's note says why.
Result<std::unique_ptr<Engine>> make_where_possible(const EngineConfig& config, int gpus,
                                                    const MakeEngine& make);

/// The engine for this device: device `auto` takes a GPU when there is one that works. On a CPU the
/// compute types default, int8 and int8_float32 run on the native engine, all others on
/// CTranslate2. Fails with not_found, bad_model, invalid_argument (a value the device does not
/// know) or unavailable (no such GPU, or one that does not work).
Result<std::unique_ptr<Engine>> make_engine(const EngineConfig& config);

}  // namespace steno::asr
