#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/asr/engine.h"
#include "pipeline/asr/tokenizer.h"
#include "transcript/transcript.h"

namespace steno::asr {

/// A word from the alignment. Times are seconds from the window's start.
struct TimedWord {
  std::string text;
  size_t tokens = 0;  ///< number of its tokens
  double start = 0;
  double end = 0;
  double probability = 0;
};

/// Punctuation that is joined to the next word, and to the previous one.
struct Punctuation {
  std::string_view prepended;
  std::string_view appended;
};

/// Adds times to the words of `split` (tokens grouped into words, without <|endoftext|>). A word
/// lasts from the first frame of its first token to the first frame of the following token, as in
/// faster_whisper.transcribe.find_alignment. Empty if there is no alignment.
std::vector<TimedWord> time_words(const WordTokens& split, const Alignment& alignment);

/// The median length of the words, and the length above which a word is too long; in seconds.
struct WordDurations {
  double median = 0;  ///< of words that are not empty, at most 0.7
  double max = 0;     ///< twice the median
};
WordDurations measure(std::span<const TimedWord> words);

/// Cuts words at the end of a sentence to durations.max.
void shorten_at_sentence_ends(std::span<TimedWord> words, const WordDurations& durations);

/// Joins punctuation to its word. The joined punctuation's own entry becomes empty and has no
/// tokens.
void merge_punctuation(std::span<TimedWord> words, const Punctuation& punctuation);

/// Fills `words` of a window's segments and sets the segments' start and end by them, as
/// faster_whisper.transcribe.add_word_timestamps. `begin` and `end` are the window's start and end,
/// `last_speech` the end of the speech before it, all on the segments' time line. Afterwards words
/// are in order, none has a negative length, and all are inside their segment and the window.
void add_word_times(std::span<Segment> segments, std::vector<TimedWord> words, int text_end,
                    const Punctuation& punctuation, double begin, double end, double last_speech);

}  // namespace steno::asr
