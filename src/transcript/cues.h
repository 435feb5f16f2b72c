#pragma once

#include <functional>
#include <memory>
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

/// What readers see before the words of a voice: it takes room on the first line.
using VoiceLabel = std::function<std::string(const Voice&)>;

/// Cuts segments into cues, by SubtitleOptions::cues.
class CueCutter {
 public:
  virtual ~CueCutter() = default;
  /// Takes the next segment and appends the cues that are complete.
  virtual void add(const Segment& segment, std::vector<Cue>& cues) = 0;
  /// Appends those that are left.
  virtual void finish(std::vector<Cue>& cues) = 0;
};

std::unique_ptr<CueCutter> make_cue_cutter(const SubtitleOptions& options, VoiceLabel label);

/// Appends the words as one cue, or, to highlight each, as one for every word and pause.
void append_cues(const std::vector<Word>& words, const Voice& voice, bool highlight_words,
                 std::vector<Cue>& cues);

/// By the rules of openai-whisper's subtitle writer: a line ends where the next word has no room, a
/// cue where its lines are full, at a pause of more than 3 s, and, unless both width and count of
/// lines are limited, with its segment. No cue holds words of two voices or of segments that
/// overlap.
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
  std::vector<Word> words_;  ///< of the cue that is being filled
  int line_length_ = 0;
  int lines_ = 1;
  Voice voice_;  ///< of those words
  double last_start_ = 0;
  bool is_first_ = true;
};

}  // namespace steno
