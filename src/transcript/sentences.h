#pragma once

#include <vector>

#include "transcript/transcript.h"

namespace steno {

/// The boundary after a word.
enum class Boundary { none, clause, sentence };

/// Decides by the word's punctuation in any script and by the pause before `next`, the following
/// word on the same channel (or null). The point of an abbreviation, an initial or an ordinal
/// number ("Dr. Levi", "am 3. Mai") is not a boundary.
Boundary boundary_after(const Word& word, const Word* next);

/// The segment's words, or its text as one word if it has none.
std::vector<Word> words_of(const Segment& segment);

}  // namespace steno
