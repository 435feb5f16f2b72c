#pragma once

#include <deque>
#include <vector>

#include "transcript/cues.h"

namespace steno {

/// Cuts segments into cues where readers expect it: at the ends of sentences and clauses, at
/// pauses, at most two lines of 42 characters (21 of a script without spaces) unless the options
/// say otherwise, lines of about the same length. A cue stays longer than its words where the next
/// one leaves time: until it has been shown for a second and needs no more than 20 characters a
/// second to be read. Segments without word times are cues as they are. No cue holds words of two
/// voices or of segments that overlap.
class SentenceCues : public CueCutter {
 public:
  SentenceCues(const SubtitleOptions& options, VoiceLabel label);
  void add(const Segment& segment, std::vector<Cue>& cues) override;
  void finish(std::vector<Cue>& cues) override;

 private:
  /// Words of `words_` from `begin` to `end` that are shown together.
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
  /// Gives out the cue that was held back until it was known when the next one starts.
  void release(double next_start, std::vector<Cue>& cues);

  SubtitleOptions options_;
  VoiceLabel label_;
  std::vector<Word> words_;   ///< of the passage: one line each, with their spaces
  std::vector<int> lengths_;  ///< characters before each of them, and of all
  Voice voice_;               ///< of those words
  bool is_spaceless_ = false;
  std::vector<Cue> held_;  ///< the last cue: one, or several that highlight its words
};

}  // namespace steno
