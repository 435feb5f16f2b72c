#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace steno {

enum class Task { transcribe, translate };
enum class Channels { mix, split };
enum class Decoding { batched, sequential };

/// Silero VAD's parameters, with faster-whisper's names and defaults.
struct VadOptions {
  double threshold = 0.5;  ///< speech starts above this probability
  /// Speech ends below this probability; default: threshold - 0.15.
  std::optional<double> neg_threshold;
  int min_speech_duration_ms = 0;
  std::optional<double>
      max_speech_duration_s;  ///< default: chunk_length for batched decoding, otherwise unlimited
  /// Default: 160 for batched decoding, otherwise 2000.
  std::optional<int> min_silence_duration_ms;
  int speech_pad_ms = 400;

  bool operator==(const VadOptions&) const = default;
};

/// A pattern and its replacement.
struct ReplaceRule {
  std::string pattern;      ///< RE2's syntax
  std::string replacement;  ///< \1 stands for the match of the first group

  bool operator==(const ReplaceRule&) const = default;
};

/// Kinds of text that redaction removes.
enum class Redaction { card, iban, email, phone, number };

/// Stages whose failure is only a warning, unless they are required.
enum class OptionalStage { diarize };

/// A person who may be one of the speakers.
struct KnownSpeaker {
  std::string name;          ///< at most 64 characters
  std::string audio_base64;  ///< 2 to 10 s of this voice alone: a file of any format, in base64

  bool operator==(const KnownSpeaker&) const = default;
};

/// Options of diarization.
struct SpeakerOptions {
  bool diarize = false;             ///< give each word a speaker
  std::optional<int> num_speakers;  ///< fewer are found if fewer voices differ
  std::optional<int> min_speakers;
  std::optional<int> max_speakers;
  std::vector<OptionalStage> require;
  /// A speaker that sounds like one of them gets the name.
  std::vector<KnownSpeaker> known_speakers;

  bool operator==(const SpeakerOptions&) const = default;
};

/// Changes of the text after recognition.
struct PostOptions {
  bool utterances = false;   ///< group sentences by speaker until another speaks or a pause follows
  bool paragraphs = false;   ///< group sentences into readable paragraphs
  bool filler_words = true;  ///< false: remove "um" and "uh"
  std::vector<ReplaceRule> replace;  ///< applied in order
  std::vector<Redaction> redact;

  bool operator==(const PostOptions&) const = default;
};

/// How a recording is transcribed: faster-whisper's options with the same names and, unless noted
/// otherwise, the same defaults.
struct TranscribeOptions {
  // Input and decoding.
  std::optional<int> audio_track;     ///< audio track of the file, from 0; none: the default one
  Channels channels = Channels::mix;  ///< split: each channel separately
  Decoding decoding = Decoding::batched;
  std::optional<std::string> language;  ///< none: detected
  Task task = Task::transcribe;
  bool multilingual = false;  ///< detect the language of each window

  // Search.
  int beam_size = 5;
  int best_of = 5;
  double patience = 1;
  double length_penalty = 1;
  double repetition_penalty = 1;
  int no_repeat_ngram_size = 0;
  std::vector<double> temperature = {0.0, 0.2, 0.4, 0.6, 0.8, 1.0};
  std::optional<double> compression_ratio_threshold = 2.4;
  std::optional<double> log_prob_threshold = -1.0;
  std::optional<double> no_speech_threshold = 0.6;
  bool suppress_blank = true;
  std::vector<int> suppress_tokens = {-1};
  std::optional<int> max_new_tokens;

  // Prompt.
  bool condition_on_previous_text = true;  ///< sequential decoding only
  double prompt_reset_on_temperature = 0.5;
  std::string initial_prompt;  ///< before the first window; batched: every window
  std::string prefix;
  std::string hotwords;

  // Times.
  /// Default: true for batched, false for sequential decoding.
  std::optional<bool> without_timestamps;
  double max_initial_timestamp = 1.0;
  bool word_timestamps = false;
  std::string prepend_punctuations = "\"'“¿([{-";
  std::string append_punctuations = "\"'.。,，!！?？:：”)]}、";
  std::optional<double> hallucination_silence_threshold;

  // Windows.
  bool vad_filter = true;  ///< faster-whisper's sequential default is false
  VadOptions vad;
  std::optional<double> chunk_length;  ///< seconds of a window; default 30
  std::vector<double>
      /// Start,end,start,end…; with an odd count, the last clip ends with the file.
      clip_timestamps;
  std::optional<double> language_detection_threshold = 0.5;
  int language_detection_segments = 1;
  std::optional<int> batch_size;  ///< windows decoded together; default by device

  SpeakerOptions speakers;
  PostOptions post;

  bool operator==(const TranscribeOptions&) const = default;
};

/// Where and how a model runs.
struct DeviceOptions {
  std::string device = "auto";          ///< auto, cpu, cuda
  std::vector<int> device_index = {0};  ///< which GPUs
  std::string compute_type =
      "default";        ///< CTranslate2's names; default: int8 on CPU, float16 on GPU
  int cpu_threads = 0;  ///< threads per replica; 0: the free cores with int8 on a CPU, otherwise 1
  int num_workers = 0;  ///< replicas; 0: one per core on CPU, one per GPU
};

/// Fails for the first value out of range, with its name and range.
Result<void> validate(const TranscribeOptions& options);
Result<void> validate(const DeviceOptions& options);

}  // namespace steno
