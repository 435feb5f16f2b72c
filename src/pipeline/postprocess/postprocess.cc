#include "pipeline/postprocess/postprocess.h"

#include <utility>

#include "pipeline/postprocess/fillers.h"
#include "pipeline/postprocess/passages.h"
#include "pipeline/postprocess/redact.h"
#include "pipeline/postprocess/replace.h"

namespace steno::postprocess {

bool changes_text(const PostOptions& options) {
  return !options.filler_words || !options.replace.empty() || !options.redact.empty();
}

bool needs_words(const PostOptions& options) { return options.utterances || options.paragraphs; }

Transcript apply(Transcript transcript, const PostOptions& options, const std::stop_token& stop) {
  if (!options.filler_words) transcript = without_fillers(std::move(transcript));
  if (!options.replace.empty()) {
    // Twice, because a replacement can split private text so that it is not found, or create it.
    transcript = redacted(std::move(transcript), options.redact);
    transcript = replaced(std::move(transcript), options.replace, stop);
  }
  if (stop.stop_requested()) return transcript;
  transcript = redacted(std::move(transcript), options.redact);
  if (options.utterances) transcript.utterances = utterances_of(transcript);
  if (options.paragraphs) transcript.paragraphs = paragraphs_of(transcript);
  return transcript;
}

}  // namespace steno::postprocess
