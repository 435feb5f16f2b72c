#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transcript/turn.h"

namespace steno {

/// One word with its time, seconds from the start of the recording. `word` keeps its leading space
/// and the punctuation joined to it.
struct Word {
  double start = 0;
  double end = 0;
  std::string word;
  double probability = 0;
  std::string speaker = {};  ///< empty: not known
};

/// A stretch of speech with its text. Times are seconds from the start of the recording.
struct Segment {
  int id = 0;
  double start = 0;
  double end = 0;
  std::string text;
  std::optional<int> channel;         ///< 0-based input channel, when channels were split
  std::string speaker;                ///< who says it; empty: not known
  std::vector<std::string> speakers;  ///< all who are heard meanwhile, `speaker` first
  std::vector<Word> words;            ///< empty unless word times were asked for
  double avg_logprob = 0;             ///< mean log-probability per token of the hypothesis
  double compression_ratio = 0;
  double no_speech_prob = 0;
  double temperature = 0;
  std::vector<int> tokens;
};

/// Somebody who is heard in the recording.
struct Speaker {
  std::string name;
  double seconds = 0;  ///< of talk
};

/// What the names of speakers begin with who have none.
inline constexpr std::string_view kSpeakerPrefix = "SPEAKER_";

/// The name of a speaker who has none: "SPEAKER_00" for 0.
std::string speaker_name(std::size_t number);

/// A sentence with its time, without spaces at its ends.
struct Sentence {
  double start = 0;
  double end = 0;
  std::string text;
};

/// Sentences of one speaker on one channel that follow each other.
struct Passage {
  double start = 0;
  double end = 0;
  std::string speaker;  ///< empty: not known
  std::optional<int> channel;
  std::vector<Sentence> sentences;

  /// The sentences, with spaces between them where their script has any.
  std::string text() const;
};

/// Everything that is known of one recording.
struct Transcript {
  std::string language;             ///< code as in Whisper, e.g. "en"
  double language_probability = 0;  ///< 1 when the language was given
  double duration = 0;              ///< seconds of audio
  double duration_after_vad = 0;    ///< seconds of it that are speech
  std::string model;
  std::vector<Segment> segments;      ///< in the order of their start
  std::vector<std::string> warnings;  ///< e.g. up to where a damaged file could be read
  std::vector<Speaker> speakers;      ///< in the order of their first turn
  std::vector<Turn> turns;            ///< whose `speaker` is a place in `speakers`
  std::vector<Passage> utterances;    ///< each up to a pause; only when asked for
  std::vector<Passage> paragraphs;    ///< each as long as is good to read; only when asked for

  /// The texts of all segments, joined.
  std::string text() const;
};

}  // namespace steno
