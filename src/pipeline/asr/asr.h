#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "options/options.h"
#include "pipeline/asr/engine.h"
#include "pipeline/asr/features.h"
#include "pipeline/asr/tokenizer.h"
#include "transcript/transcript.h"

namespace steno::asr {

inline constexpr int kSampleRate = 16000;
/// The most audio Whisper reads at once; windows are never longer.
inline constexpr double kMaxWindowSeconds = 30;

/// A Whisper model ready for work: the engine and what turns audio and text into its numbers.
/// Shared by all jobs of the process; thread-safe; memory is freed with the last owner.
class SpeechModel {
 public:
  /// Fails with one line that names the folder and what is wrong with it.
  static Result<std::shared_ptr<SpeechModel>> load(const EngineConfig& config);

  SpeechModel(std::unique_ptr<Engine> engine, Tokenizer tokenizer, FeatureExtractor features);

  const ModelInfo& info() const { return engine_->info(); }
  Engine& engine() { return *engine_; }
  const Tokenizer& tokenizer() const { return tokenizer_; }
  const FeatureExtractor& features() const { return features_; }

 private:
  std::unique_ptr<Engine> engine_;
  Tokenizer tokenizer_;
  FeatureExtractor features_;
};

/// A stretch of audio that is transcribed without knowing its neighbours.
struct WindowRequest {
  std::vector<float> samples;  ///< 16 kHz, at most kMaxWindowSeconds, cut at pauses
  std::string language;        ///< code; ignored with `multilingual` and by the .en models
  bool first = false;          ///< the recording begins here: `prefix` is for this window
  bool all_speech = false;     ///< voice activity found speech throughout: a stretch without words
                               ///< was missed, and is heard again by itself
};

/// What was heard in one window. Times are seconds from the window's start; ids are 0.
struct WindowResult {
  std::vector<Segment> segments;  ///< empty when nothing was said
  std::string language;           ///< asked for, or detected with `multilingual`
  double language_probability = 1;
};

/// Batched decoding: encodes and searches all windows, decodes those that loop or score badly
/// again (with more silence behind them, at the next temperatures, in two pieces; what still loops
/// is cut at the loop), and times the words if asked to. Blocks; thread-safe; calls of
/// `info().batch_size` windows from `info().replicas` threads use a device fully. When `stop` is
/// requested it returns soon; what it then returns is of no use. Throws when the device fails.
std::vector<WindowResult> transcribe_windows(SpeechModel& model,
                                             std::span<const WindowRequest> windows,
                                             const TranscribeOptions& options,
                                             std::stop_token stop = {});

struct DetectedLanguage {
  std::string language;  ///< code
  double probability = 0;
};

/// No call of SequentialTranscriber::next() pulls more than this at once.
inline constexpr double kMaxWantedSeconds = 2 * kMaxWindowSeconds;

/// Sequential decoding: each window is conditioned on the text before it and begins where the last
/// one's timestamps ended, as faster_whisper.transcribe.generate_segments does it. What is pulled
/// comes in stretches (clips, or what lies between long pauses), and no window is in two of them;
/// so `clip_timestamps` are the caller's matter. Holds at most about 2 windows of audio. Not
/// thread-safe; the model may be shared.
class SequentialTranscriber {
 public:
  /// Gives the next samples (16 kHz, any number but 0) of the recording, or false where a stretch
  /// ends; false ever after once the recording has ended.
  using Pull = std::function<bool(std::vector<float>& block)>;

  SequentialTranscriber(SpeechModel& model, std::string language, const TranscribeOptions& options,
                        Pull pull);
  ~SequentialTranscriber();

  /// Decodes one more window and gives its segments (often none), in seconds from the start of
  /// what is pulled. False when there is nothing left in the stretch: the next call begins the next
  /// one. When `stop` is requested it soon returns false.
  bool next(std::vector<Segment>& segments, std::stop_token stop = {});
  /// Samples that next() is going to pull unless the stretch ends before.
  std::int64_t wanted() const;
  /// Seconds of audio that are done.
  double position() const;
  /// The language of the last window (with `multilingual`), or the one that was given.
  DetectedLanguage language() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The language of a recording from stretches of its speech, in order, at most kMaxWindowSeconds
/// each: the first one whose best language is above `language_detection_threshold` decides;
/// otherwise the mean over all stretches looked at, which are `language_detection_segments` at most
/// (without a threshold: always the mean over those). English-only models say "en" at once. When
/// `stop` is requested no further stretch is looked at; what is then returned is of no use.
DetectedLanguage detect_language(SpeechModel& model, std::span<const std::vector<float>> stretches,
                                 const TranscribeOptions& options,
                                 const std::stop_token& stop = {});

}  // namespace steno::asr
