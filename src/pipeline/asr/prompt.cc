#include "pipeline/asr/prompt.h"

#include <algorithm>
#include <set>

#include "pipeline/asr/token_text.h"

namespace steno::asr {
namespace {

constexpr size_t kHalf = kMaxDecoderLength / 2 - 1;
// Long hotwords and previous text must leave this many tokens for the task and the text.
constexpr size_t kLeastRoom = 160;

std::vector<int> encode_at_most(const Tokenizer& tokenizer, std::string_view text) {
  auto tokens = tokenizer.encode(" " + std::string(strip(text)));
  if (tokens.size() > kHalf) tokens.resize(kHalf);
  return tokens;
}

void append(std::vector<int>& tokens, std::span<const int> more) {
  tokens.insert(tokens.end(), more.begin(), more.end());
}

}  // namespace

Prompt build_prompt(const Tokenizer& tokenizer, const TranscribeOptions& options,
                    std::string_view language, std::span<const int> previous,
                    std::string_view prefix, bool without_timestamps) {
  Prompt prompt;
  const bool has_prefix = !strip(prefix).empty();
  const bool has_hotwords = !has_prefix && !strip(options.hotwords).empty();
  if (has_hotwords || !previous.empty()) prompt.tokens.push_back(tokenizer.sot_prev());
  size_t room = kHalf;
  if (has_hotwords) {
    append(prompt.tokens, encode_at_most(tokenizer, options.hotwords));
    room = std::min(room, kMaxDecoderLength - kLeastRoom - prompt.tokens.size());
  }
  append(prompt.tokens, previous.last(std::min(previous.size(), room)));
  append(prompt.tokens, tokenizer.sot_sequence(language, options.task));
  if (without_timestamps) prompt.tokens.push_back(tokenizer.no_timestamps());
  if (has_prefix) {
    if (!without_timestamps) prompt.prefix.push_back(tokenizer.timestamp_begin());
    append(prompt.prefix, encode_at_most(tokenizer, prefix));
    append(prompt.tokens, prompt.prefix);
  }
  return prompt;
}

std::vector<int> encode_initial_prompt(const Tokenizer& tokenizer,
                                       const TranscribeOptions& options) {
  if (strip(options.initial_prompt).empty()) return {};
  return tokenizer.encode(" " + std::string(strip(options.initial_prompt)));
}

std::vector<int> suppressed_tokens(const Tokenizer& tokenizer, const std::vector<int>& asked) {
  std::set<int> ids = {tokenizer.transcribe(), tokenizer.translate(), tokenizer.sot(),
                       tokenizer.sot_prev(),   tokenizer.sot_lm(),    tokenizer.no_speech()};
  for (const int id : asked) {
    if (id >= 0) {
      ids.insert(id);
    } else {
      const auto symbols = tokenizer.non_speech_tokens();
      ids.insert(symbols.begin(), symbols.end());
    }
  }
  return {ids.begin(), ids.end()};
}

}  // namespace steno::asr
