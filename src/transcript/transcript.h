#pragma once

#include <optional>
#include <string>
#include <vector>

namespace steno {

/// One word with its time, seconds from the start of the recording. `word` keeps its leading space
/// and the punctuation joined to it.
struct Word {
  double start = 0;
  double end = 0;
  std::string word;
  double probability = 0;
};

/// A stretch of speech with its text. Times are seconds from the start of the recording.
struct Segment {
  int id = 0;
  double start = 0;
  double end = 0;
  std::string text;
  std::optional<int> channel;  ///< 0-based input channel, when channels were split
  std::vector<Word> words;     ///< empty unless word times were asked for
  double avg_logprob = 0;      ///< mean log-probability per token of the hypothesis
  double compression_ratio = 0;
  double no_speech_prob = 0;
  double temperature = 0;
  std::vector<int> tokens;
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

  /// The texts of all segments, joined.
  std::string text() const;
};

}  // namespace steno
