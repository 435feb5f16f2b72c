#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/checkpoint_log.h"
#include "base/result.h"
#include "options/options.h"
#include "pipeline/asr/engine.h"
#include "pipeline/asr/features.h"
#include "pipeline/asr/tokenizer.h"
#include "transcript/transcript.h"

namespace steno::asr {

inline constexpr int kSampleRate = 16000;
/// The longest audio, in seconds, that Whisper reads at once. Windows are never longer.
inline constexpr double kMaxWindowSeconds = 30;

/// A loaded Whisper model: the engine, the feature extractor and the tokenizer. Shared by all jobs
/// of the process. Thread-safe. Its memory is freed with the last owner.
///
///     EngineConfig config;
///     config.model_folder = "/models/base";
///     const auto model = SpeechModel::load(config);  // Result
///     const WindowRequest window{.samples = samples, .language = "en"};
///     const auto results = transcribe_windows(**model, {&window, 1}, options);
///     for (const Segment& segment : results[0].segments) print(segment.text);
class SpeechModel {
 public:
  /// Loads a model. The error is one line that names the folder and the problem.
  static Result<std::shared_ptr<SpeechModel>> load(const EngineConfig& config);

  /// `digest`: see digest().
  SpeechModel(std::unique_ptr<Engine> engine, Tokenizer tokenizer, FeatureExtractor features,
              std::string digest = {});

  const ModelInfo& info() const { return engine_->info(); }
  Engine& engine() { return *engine_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  const FeatureExtractor& features() const { return features_; }
  /// Differs where the results may: stands for the files of the model and the type of its numbers.
  const std::string& digest() const { return digest_; }

 private:
  std::unique_ptr<Engine> engine_;
  Tokenizer tokenizer_;
  FeatureExtractor features_;
  std::string digest_;
};

/// A window of audio that is transcribed independently of its neighbours.
struct WindowRequest {
  std::vector<float> samples;  ///< 16 kHz, at most kMaxWindowSeconds, cut at pauses
  std::string language;        ///< language code; ignored with `multilingual` and by the .en models
  bool first = false;          ///< the recording begins here, so `prefix` applies to this window
  /// Voice activity detection found speech throughout. A part without words was then missed, and is
  /// decoded again.
  bool all_speech = false;
  /// With `multilingual`: the samples at pauses, where the language may change, in order. If empty,
  /// quiet places are searched for.
  std::vector<size_t> cuts = {};
};

/// A part [begin, end) of a window, in seconds from its start.
struct Stretch {
  double begin = 0;
  double end = 0;
};

/// The transcript of one window. Times are seconds from the window's start; ids are 0.
struct WindowResult {
  std::vector<Segment> segments;  ///< empty if nothing was said
  /// The requested language; with `multilingual` the detected one, of most of the window.
  std::string language;
  double language_probability = 1;
  /// The parts longer than 2.5 s without words, in order. In a window of speech, they were decoded
  /// again. Of a translation, and of a text with a token limit, only a window without any text is
  /// noted.
  std::vector<Stretch> wordless;
};

/// The result as bytes that window_result_from() reads again, exact to the last bit.
std::string to_bytes(const WindowResult& result);
/// Nothing if the bytes are not those of to_bytes().
std::optional<WindowResult> window_result_from(std::string_view bytes);

/// Batched decoding. Encodes and searches all windows. Windows that loop or score badly are decoded
/// again: with more trailing silence, at the next temperatures, and as two pieces. A window of
/// speech whose text repeats itself is divided until the pieces show how often it was said. A
/// remaining loop is cut off. With `multilingual`, a window that turns out to hold several
/// languages is divided where they change. Adds word times if requested. Blocks; thread-safe. To
/// use a device fully, call it with `info().batch_size` windows from `info().replicas` threads.
/// Returns soon after `stop` is requested; the results are then meaningless. Throws when the device
/// fails.
std::vector<WindowResult> transcribe_windows(SpeechModel& model,
                                             std::span<const WindowRequest> windows,
                                             const TranscribeOptions& options,
                                             std::stop_token stop = {});

struct DetectedLanguage {
  std::string language;  ///< language code
  double probability = 0;
};

/// The most audio, in seconds, that one call of SequentialTranscriber::next() pulls.
inline constexpr double kMaxWantedSeconds = 2 * kMaxWindowSeconds;

/// The checkpoint of a SequentialTranscriber: it takes the windows of earlier attempts from the log
/// and records its own there. Without a log it does neither.
struct StepLog {
  std::shared_ptr<CheckpointLog> log;
  int channel = 0;  ///< keeps the windows of two channels apart
};

/// Sequential decoding, as in faster_whisper.transcribe.generate_segments. Each window is
/// conditioned on the text before it, and begins where the timestamps of the previous one ended.
/// The audio comes in stretches: clips, or the parts between long pauses. No window spans two
/// stretches, so the caller implements `clip_timestamps`. Buffers about 2 windows of audio. Not
/// thread-safe; the model may be shared.
class SequentialTranscriber {
 public:
  /// Supplies the next samples of the recording (16 kHz, at least one). Returns false at the end of
  /// a stretch, and always after the end of the recording.
  using Pull = std::function<bool(std::vector<float>& block)>;

  SequentialTranscriber(SpeechModel& model, std::string language, const TranscribeOptions& options,
                        Pull pull, StepLog steps = {});
  ~SequentialTranscriber();

  /// Does what next() does, but without the model: takes the record of an earlier attempt that
  /// decoded the same samples after the same text. Returns false if there is none; then call
  /// next().
  bool recall(std::vector<Segment>& segments);

  /// Decodes one more window. Gives its segments (often none) in seconds from the start of the
  /// pulled audio. Returns false at the end of a stretch; the next call begins the next one.
  /// Returns false soon after `stop` is requested.
  bool next(std::vector<Segment>& segments, std::stop_token stop = {});
  /// The number of samples that next() will pull, unless the stretch ends first.
  std::int64_t wanted() const;
  /// Seconds of audio that have been transcribed.
  double position() const;
  /// The language of the last window with `multilingual`, otherwise the requested one.
  DetectedLanguage language() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Detects the language of a recording from parts of its speech, in order, each at most
/// kMaxWindowSeconds long. The first part whose best probability is above
/// `language_detection_threshold` decides. Otherwise, and without a threshold, the mean over all
/// examined parts decides. At most `language_detection_segments` parts are examined. English-only
/// models return "en" at once. Returns soon after `stop` is requested; the result is then
/// meaningless.
DetectedLanguage detect_language(SpeechModel& model, std::span<const std::vector<float>> stretches,
                                 const TranscribeOptions& options,
                                 const std::stop_token& stop = {});

}  // namespace steno::asr
