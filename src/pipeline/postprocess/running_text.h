#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "transcript/transcript.h"

// Private to postprocess/.

namespace steno::postprocess {

/// What becomes of the bytes from `begin` to `end` of a text. Not empty.
struct Edit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

/// The segments of one channel as one text, so that what spans words and segments is found, which
/// can be changed without losing the words' times.
class RunningText {
 public:
  /// `segments` are in the order of time and outlive it. Makes their words valid UTF-8.
  explicit RunningText(std::vector<Segment*> segments);

  /// Segments that do not begin with a space are set apart by one.
  const std::string& text() const { return text_; }

  /// Edits are in order and do not overlap. What is put in place of several words shares their
  /// time; where it has several words itself, each has its part of it. What is put in place of
  /// words of several segments is in the first of these. Segments may end up empty. The text is as
  /// it was afterwards: make another RunningText to see the new one.
  void apply(const std::vector<Edit>& edits);

 private:
  /// A word, or the text of a segment that has none.
  struct Piece {
    std::size_t begin = 0;  // in text_
    std::size_t end = 0;
    std::size_t segment = 0;
    Word word;
    bool is_edited = false;
  };

  void add(std::size_t segment, Word word);
  void apply(const Edit& edit);
  void move_to_word_before(std::size_t piece);
  void replace_across(const Edit& edit, std::size_t first, std::size_t last);
  void erase_across(std::size_t first, std::size_t last, std::string prefix, std::string suffix);
  void write_back(std::size_t segment, std::vector<Word> words);

  std::vector<Segment*> segments_;
  std::vector<Piece> pieces_;
  std::string text_;
};

/// The transcript with edits of each channel's text: those that `find` gives for it. Segments that
/// nothing is left of are gone.
Transcript edited(Transcript transcript,
                  const std::function<std::vector<Edit>(const std::string& text)>& find);

}  // namespace steno::postprocess
