#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transcript/turn.h"

namespace steno {

/// One word with its times in seconds from the start of the recording. `word` includes its leading
/// space and adjacent punctuation.
struct Word {
  double start = 0;
  double end = 0;
  std::string word;
  double probability = 0;
  std::string speaker = {};  ///< empty: unknown
};

/// A part of the transcript with its text. Times are seconds from the start of the recording.
struct Segment {
  int id = 0;
  double start = 0;
  double end = 0;
  std::string text;
  std::optional<int> channel;         ///< 0-based input channel, when channels were split
  std::string speaker;                ///< empty: unknown
  std::vector<std::string> speakers;  ///< all speakers during the segment, `speaker` first
  std::vector<Word> words;            ///< empty unless word times were requested
  double avg_logprob = 0;             ///< mean log-probability per token of the hypothesis
  double compression_ratio = 0;
  double no_speech_prob = 0;
  double temperature = 0;
  std::vector<int> tokens;
};

/// A speaker of the recording.
struct Speaker {
  std::string name;
  double seconds = 0;  ///< of speech
};

/// The prefix of labels for unnamed speakers.
inline constexpr std::string_view kSpeakerPrefix = "SPEAKER_";

/// The label of an unnamed speaker, such as "SPEAKER_00" for 0.
std::string speaker_name(std::size_t number);

/// A sentence with its times, without spaces at its ends.
struct Sentence {
  double start = 0;
  double end = 0;
  std::string text;
};

/// Consecutive sentences of one speaker on one channel.
struct Passage {
  double start = 0;
  double end = 0;
  std::string speaker;  ///< empty: unknown
  std::optional<int> channel;
  std::vector<Sentence> sentences;

  /// The sentences, joined with spaces if their script uses them.
  std::string text() const;
};

/// The result of one recording.
struct Transcript {
  std::string language;             ///< Whisper's language code, such as "en"
  double language_probability = 0;  ///< 1 if the language was given
  double duration = 0;              ///< seconds of audio
  double duration_after_vad = 0;    ///< seconds of speech in it
  std::string model;
  std::vector<Segment> segments;  ///< in order of their start
  /// Such as the position up to which a damaged file could be read.
  std::vector<std::string> warnings;
  std::vector<Speaker> speakers;    ///< in order of their first turn
  std::vector<Turn> turns;          ///< their `speaker` is an index in `speakers`
  std::vector<Passage> utterances;  ///< each ends at a pause; only if requested
  std::vector<Passage> paragraphs;  ///< readable groups of sentences; only if requested

  /// The texts of all segments, joined.
  std::string text() const;
};

}  // namespace steno
