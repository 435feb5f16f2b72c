#pragma once

#include <vector>

#include "transcript/transcript.h"

namespace steno {

/// What a word is the last of.
enum class Boundary { none, clause, sentence };

/// By the word's punctuation, that of any script, and by the pause before `next`, the word that
/// follows on the same channel (null: none follows). The point of an abbreviation, an initial or an
/// ordinal number ("Dr. Levi", "am 3. Mai") ends nothing.
Boundary boundary_after(const Word& word, const Word* next);

/// The segment's words; its text as one word where it has none.
std::vector<Word> words_of(const Segment& segment);

}  // namespace steno
