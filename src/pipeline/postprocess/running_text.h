#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "transcript/transcript.h"

// Private to postprocess/.

namespace steno::postprocess {

/// The replacement of the bytes from `begin` to `end` of a text. Not empty.
struct Edit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

/// The segments of one channel as one text, so that matches may span words and segments. Edits of
/// the text keep the words' times.
class RunningText {
 public:
  /// `segments` are ordered by time and must outlive this object. Their words are made valid UTF-8.
  explicit RunningText(std::vector<Segment*> segments);

  /// The whole text. A space is inserted between segments if the next one does not begin with one.
  const std::string& text() const { return text_; }

  /// Applies edits, which must be in order and must not overlap. A replacement of several words
  /// takes their time; if it has several words, they share that time. A replacement across segments
  /// goes to the first of them. Segments may become empty. text() does not change: construct a new
  /// RunningText to see the new text.
  void apply(const std::vector<Edit>& edits);

 private:
  /// A word, or the text of a segment without words.
  struct Piece {
    std::size_t begin = 0;  // start in text_
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

/// Applies to each channel's text the edits that `find` returns for it. Removes segments that
/// become empty.
Transcript edited(Transcript transcript,
                  const std::function<std::vector<Edit>(const std::string& text)>& find);

}  // namespace steno::postprocess
