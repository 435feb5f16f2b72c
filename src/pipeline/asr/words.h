#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/asr/engine.h"
#include "pipeline/asr/tokenizer.h"
#include "transcript/transcript.h"

namespace steno::asr {

/// A word as the alignment gives it. Times are seconds from the window's start.
struct TimedWord {
  std::string text;
  size_t tokens = 0;  ///< how many it is made of
  double start = 0;
  double end = 0;
  double probability = 0;
};

/// Which punctuation is joined to the next word, and which to the one before.
struct Punctuation {
  std::string_view prepended;
  std::string_view appended;
};

/// Words of `split` (tokens grouped into words, without <|endoftext|>) with times: a word lasts
/// from the first frame of its first token to the first frame of the token after it, as
/// faster_whisper.transcribe.find_alignment. Empty when there is no alignment.
std::vector<TimedWord> time_words(const WordTokens& split, const Alignment& alignment);

/// The usual length of the words and the length from which one is too long, in seconds.
struct WordDurations {
  double median = 0;  ///< of words that are not empty, at most 0.7
  double max = 0;     ///< twice the median
};
WordDurations measure(std::span<const TimedWord> words);

/// Cuts words next to the end of a sentence to durations.max.
void shorten_at_sentence_ends(std::span<TimedWord> words, const WordDurations& durations);

/// Joins punctuation to its word; the word it was becomes empty and has no tokens.
void merge_punctuation(std::span<TimedWord> words, const Punctuation& punctuation);

/// Fills `words` of a window's segments and moves the segments' start and end to them, as
/// faster_whisper.transcribe.add_word_timestamps. `begin` is the window's start, `end` its end,
/// `last_speech` the end of the speech before it, all in the segments' time. Afterwards words are
/// in order, none has a negative length, and none is outside its segment or the window.
void add_word_times(std::span<Segment> segments, std::vector<TimedWord> words, int text_end,
                    const Punctuation& punctuation, double begin, double end, double last_speech);

}  // namespace steno::asr
