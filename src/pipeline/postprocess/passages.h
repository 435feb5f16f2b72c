#pragma once

#include <vector>

#include "transcript/transcript.h"

namespace steno::postprocess {

/// The transcript's sentences as passages with their speakers, in order of their start. A sentence
/// ends at its punctuation, at a pause of 2 s, and when the speaker changes. A long sentence
/// without any of these ends at a shorter pause. Without word times, each segment counts as one
/// word.
std::vector<Passage> sentences_of(const Transcript& transcript);

/// Joins the sentences of one speaker until another speaks, or until a pause of 0.8 s between
/// sentences.
std::vector<Passage> utterances_of(const Transcript& transcript);

/// Joins the sentences of one speaker into paragraphs: until another speaks, or until a pause of 2
/// s. A paragraph of several sentences also ends at a shorter pause, or after 10 sentences.
std::vector<Passage> paragraphs_of(const Transcript& transcript);

}  // namespace steno::postprocess
