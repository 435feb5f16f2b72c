#include "pipeline/asr/alignment.h"

#include "pipeline/asr/words.h"

namespace steno::asr {
namespace {

std::vector<int> text_tokens(std::span<const Segment> segments, int text_end) {
  std::vector<int> tokens;
  for (const Segment& segment : segments) {
    for (const int token : segment.tokens) {
      if (token < text_end) tokens.push_back(token);
    }
  }
  return tokens;
}

}  // namespace

void align_segments(SpeechModel& model, std::span<AlignWindow> windows, std::string_view language,
                    const TranscribeOptions& options) {
  const Tokenizer& tokenizer = model.tokenizer();
  auto start = tokenizer.sot_sequence(language, options.task);
  start.push_back(tokenizer.no_timestamps());
  std::vector<AlignWindow*> with_text;
  std::vector<EncodedPtr> encoded;
  std::vector<std::vector<int>> tokens;
  std::vector<int> frames;
  for (AlignWindow& window : windows) {
    auto text = text_tokens(window.segments, tokenizer.eot());
    if (text.empty()) continue;
    with_text.push_back(&window);
    encoded.push_back(window.encoded);
    tokens.push_back(std::move(text));
    frames.push_back(window.frames);
  }
  if (with_text.empty()) return;
  const auto alignments = model.engine().align(encoded, start, tokens, frames);
  const Punctuation punctuation{options.prepend_punctuations, options.append_punctuations};
  for (size_t i = 0; i < with_text.size(); ++i) {
    AlignWindow& window = *with_text[i];
    const auto split = tokenizer.split_to_word_tokens(tokens[i], language);
    add_word_times(window.segments, time_words(split, alignments[i]), tokenizer.eot(), punctuation,
                   window.begin, window.end, window.last_speech);
  }
}

}  // namespace steno::asr
