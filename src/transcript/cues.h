#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transcript/transcript.h"
#include "transcript/writers.h"

namespace steno {

/// The voice of some words. Readers see the speaker's name, or the channel's number.
struct Voice {
  std::string speaker;  ///< empty: unknown
  std::optional<int> channel;

  bool operator==(const Voice&) const = default;
};

Voice voice_of(const Segment& segment);

/// One subtitle, shown from `start` to `end`, in seconds.
struct Cue {
  /// A piece of the text. `word` includes its leading space or line feed.
  struct Piece {
    std::string word;
    bool is_highlighted = false;
  };
  double start = 0;
  double end = 0;
  std::vector<Piece> pieces;
  Voice voice;
};

/// The label before the words of a voice. It takes space on the first line.
using VoiceLabel = std::function<std::string(const Voice&)>;

/// Cuts segments into cues by SubtitleOptions::cues.
class CueCutter {
 public:
  virtual ~CueCutter() = default;
  /// Adds the next segment and appends all complete cues.
  virtual void add(const Segment& segment, std::vector<Cue>& cues) = 0;
  /// Appends the remaining cues.
  virtual void finish(std::vector<Cue>& cues) = 0;
};

std::unique_ptr<CueCutter> make_cue_cutter(const SubtitleOptions& options, VoiceLabel label);

/// Appends the words as one cue, or, to highlight words, as one cue per word and pause.
void append_cues(const std::vector<Word>& words, const Voice& voice, bool highlight_words,
                 std::vector<Cue>& cues);

/// Follows openai-whisper's subtitle writer. A line ends when the next word does not fit. A cue
/// ends when its lines are full, at a pause of more than 3 s, and with its segment, unless both
/// width and number of lines are limited. No cue contains words of two voices or of overlapping
/// segments.
class SegmentCues : public CueCutter {
 public:
  SegmentCues(const SubtitleOptions& options, VoiceLabel label);
  void add(const Segment& segment, std::vector<Cue>& cues) override;
  void finish(std::vector<Cue>& cues) override;

 private:
  void add_word(const Word& word, bool starts_part, std::vector<Cue>& cues);
  int label_length() const;

  SubtitleOptions options_;
  VoiceLabel label_;
  bool keeps_segments_;
  std::vector<Word> words_;  ///< of the current cue
  int line_length_ = 0;
  int lines_ = 1;
  Voice voice_;  ///< of these words
  double last_start_ = 0;
  bool is_first_ = true;
};

}  // namespace steno
