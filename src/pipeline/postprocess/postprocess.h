#pragma once

#include <stop_token>

#include "options/options.h"
#include "transcript/transcript.h"

namespace steno::postprocess {

/// Whether the options change the text. If so, text must not be shown before all of it is final.
bool changes_text(const PostOptions& options);

/// Whether the options need word times.
bool needs_words(const PostOptions& options);

/// Applies the options to a transcript whose speakers are already set. The order is: remove filler
/// words, redact, replace, redact again, build utterances and paragraphs. Without options the
/// transcript is unchanged. Returns early when `stop` is requested; the result is then meaningless,
/// and may contain private text.
///
///     PostOptions options;
///     options.redact = {Redaction::card, Redaction::phone};
///     transcript = postprocess::apply(std::move(transcript), options);
Transcript apply(Transcript transcript, const PostOptions& options,
                 const std::stop_token& stop = {});

}  // namespace steno::postprocess
