#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace steno {

enum class Task { transcribe, translate };
enum class Channels { mix, split };
enum class Decoding { batched, sequential };

/// Silero VAD's parameters, by faster-whisper's names and defaults.
struct VadOptions {
  double threshold = 0.5;               ///< speech starts above this probability
  std::optional<double> neg_threshold;  ///< and ends below this one; default threshold - 0.15
  int min_speech_duration_ms = 0;
  std::optional<double>
      max_speech_duration_s;  ///< default: chunk_length when batched, unlimited else
  std::optional<int> min_silence_duration_ms;  ///< default: 160 when batched, 2000 else
  int speech_pad_ms = 400;

  bool operator==(const VadOptions&) const = default;
};

/// What is found in a text, and what it becomes.
struct ReplaceRule {
  std::string pattern;      ///< RE2's syntax
  std::string replacement;  ///< \1 is what the first group has found

  bool operator==(const ReplaceRule&) const = default;
};

/// What must not stand in a transcript.
enum class Redaction { card, iban, email, phone, number };

/// A stage whose failure is only a warning, unless it is required.
enum class OptionalStage { diarize };

/// Somebody who may be among the speakers.
struct KnownSpeaker {
  std::string name;          ///< at most 64 characters
  std::string audio_base64;  ///< 2 to 10 s of them alone: a file of any format, in base64

  bool operator==(const KnownSpeaker&) const = default;
};

/// Who speaks when.
struct SpeakerOptions {
  bool diarize = false;             ///< each word gets its speaker
  std::optional<int> num_speakers;  ///< at most that many; fewer where fewer voices differ
  std::optional<int> min_speakers;
  std::optional<int> max_speakers;
  std::vector<OptionalStage> require;
  std::vector<KnownSpeaker> known_speakers;  ///< who of the speakers is one of them gets the name

  bool operator==(const SpeakerOptions&) const = default;
};

/// What becomes of the text when its words are known.
struct PostOptions {
  bool utterances = false;           ///< what each says until another speaks or a pause comes
  bool paragraphs = false;           ///< sentences put together as one would write them
  bool filler_words = true;          ///< false: "um", "uh" are left out
  std::vector<ReplaceRule> replace;  ///< one after the other
  std::vector<Redaction> redact;

  bool operator==(const PostOptions&) const = default;
};

/// How one recording is transcribed: faster-whisper's options by the same names and, unless the
/// comment says otherwise, the same defaults.
struct TranscribeOptions {
  // What is heard.
  int audio_track = 0;                ///< which audio track of the file, 0 = first
  Channels channels = Channels::mix;  ///< split: each channel by itself
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
  std::optional<bool> without_timestamps;  ///< default: true when batched, false when sequential
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
      clip_timestamps;  ///< start,end,start,end…; an odd count ends at the file's end
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
  int cpu_threads = 0;  ///< threads of one replica; 0: with int8 on a CPU the free cores, else 1
  int num_workers = 0;  ///< replicas; 0: one per core on CPU, one per GPU
};

/// The first value out of range, with its name and the range.
Result<void> validate(const TranscribeOptions& options);
Result<void> validate(const DeviceOptions& options);

}  // namespace steno
