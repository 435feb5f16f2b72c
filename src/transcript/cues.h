#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "transcript/transcript.h"
#include "transcript/writers.h"

namespace steno {

/// Whose words they are: readers see the speaker's name, or else the channel's number.
struct Voice {
  std::string speaker;  ///< empty: not known
  std::optional<int> channel;

  bool operator==(const Voice&) const = default;
};

Voice voice_of(const Segment& segment);

/// One subtitle: what is shown from `start` to `end`, in seconds.
struct Cue {
  /// A piece of the text; `word` holds its leading space or line feed.
  struct Piece {
    std::string word;
    bool is_highlighted = false;
  };
  double start = 0;
  double end = 0;
  std::vector<Piece> pieces;
  Voice voice;
};

/// Cuts segments into cues by the rules of openai-whisper's subtitle writer: a line ends where the
/// next word has no room, a cue where its lines are full, at a pause of more than 3 s, and, unless
/// both width and count of lines are limited, with its segment. No cue holds words of two voices or
/// of segments that overlap.
class CueCutter {
 public:
  /// `label` is what readers see before the words of a voice: it takes room on the first line.
  CueCutter(const SubtitleOptions& options, std::function<std::string(const Voice&)> label);
  /// Takes the next segment and appends the cues that are complete.
  void add(const Segment& segment, std::vector<Cue>& cues);
  /// Appends the last cue.
  void finish(std::vector<Cue>& cues);

 private:
  void add_word(const Word& word, bool starts_part, std::vector<Cue>& cues);

  void append_cues(std::vector<Cue>& cues) const;
  int label_length() const;

  SubtitleOptions options_;
  std::function<std::string(const Voice&)> label_;
  bool keeps_segments_;
  std::vector<Word> words_;  ///< of the cue that is being filled
  int line_length_ = 0;
  int lines_ = 1;
  Voice voice_;  ///< of those words
  double last_start_ = 0;
  bool is_first_ = true;
};

}  // namespace steno
