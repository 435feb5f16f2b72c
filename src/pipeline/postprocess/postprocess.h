#pragma once

#include "options/options.h"
#include "transcript/transcript.h"

namespace steno::postprocess {

/// Whether the options change the text: what is known of it before is then not what it will be.
bool changes_text(const PostOptions& options);

/// Whether the options need the times of words.
bool needs_words(const PostOptions& options);

/// What the options ask for, in this order: filler words out; what must be redacted, before and
/// again after the replacements; utterances and paragraphs. Without any of them the transcript as
/// it is. Speakers, if there are to be any, are there already.
Transcript apply(Transcript transcript, const PostOptions& options);

}  // namespace steno::postprocess
