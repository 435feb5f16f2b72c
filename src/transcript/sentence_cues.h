#pragma once

#include <deque>
#include <vector>

#include "transcript/cues.h"

namespace steno {

/// Cuts segments into cues at the ends of sentences and clauses and at pauses. By default, a cue
/// has at most two lines of 42 characters (21 in scripts without spaces) of similar length. A cue
/// is shown longer than its words if the next one starts later: for at least a second, and until 20
/// characters per second suffice to read it. Segments without word times are single cues. No cue
/// contains words of two voices or of overlapping segments.
class SentenceCues : public CueCutter {
 public:
  SentenceCues(const SubtitleOptions& options, VoiceLabel label);
  void add(const Segment& segment, std::vector<Cue>& cues) override;
  void finish(std::vector<Cue>& cues) override;

 private:
  /// The words of `words_` from `begin` to `end` that are shown together.
  struct Part {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  void cut_passage(std::vector<Cue>& cues);
  std::vector<Part> parts() const;
  double cost(const Part& part) const;
  bool fits(const Part& part) const;
  double break_cost(std::size_t word) const;
  std::vector<std::size_t> line_starts(const Part& part) const;
  int room(std::size_t line) const;
  int length(const Part& part) const;
  void show(const Part& part, std::vector<Cue>& cues);
  /// Emits the cue that was held until the start of the next one was known.
  void release(double next_start, std::vector<Cue>& cues);

  SubtitleOptions options_;
  VoiceLabel label_;
  std::vector<Word> words_;   ///< words of the passage on one line, including spaces
  std::vector<int> lengths_;  ///< characters before each word, and in total
  Voice voice_;               ///< of these words
  bool is_spaceless_ = false;
  std::vector<Cue> held_;  ///< the last cue: one, or several that highlight its words
};

}  // namespace steno
