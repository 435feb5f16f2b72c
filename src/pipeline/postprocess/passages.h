#pragma once

#include <vector>

#include "transcript/transcript.h"

namespace steno::postprocess {

/// The transcript's sentences, each with whose it is, as passages of one; in the order of their
/// start. A sentence ends by its punctuation, at a pause of 2 s, where the speaker changes, and,
/// when it has become long without any of these, at a shorter pause. Without word times each
/// segment counts as one word.
std::vector<Passage> sentences_of(const Transcript& transcript);

/// What one speaker says until another speaks or there is a pause of 0.8 s between two sentences.
std::vector<Passage> utterances_of(const Transcript& transcript);

/// Sentences of one speaker as one would write them down: until another speaks, until a pause of
/// 2 s, and, when there are several, at a shorter pause or after 10.
std::vector<Passage> paragraphs_of(const Transcript& transcript);

}  // namespace steno::postprocess
