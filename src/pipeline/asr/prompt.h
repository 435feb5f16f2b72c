#pragma once

#include <span>
#include <string>
#include <vector>

#include "options/options.h"
#include "pipeline/asr/tokenizer.h"

namespace steno::asr {

/// Tokens the decoder has room for, prompt and text together.
inline constexpr int kMaxDecoderLength = 448;
/// What is generated for one window unless `max_new_tokens` says less.
inline constexpr int kMaxNewTokens = kMaxDecoderLength / 2;

/// What the decoder is given before it writes.
struct Prompt {
  std::vector<int> tokens;  ///< all of it, `prefix` at its end
  std::vector<int> prefix;  ///< the part that belongs to the window's text
};

/// As faster_whisper.transcribe.WhisperModel.get_prompt: hotwords (unless there is a prefix) and
/// `previous` tokens before <|startoftranscript|>, each cut to its half of the room; then
/// language, task, <|notimestamps|> with `without_timestamps`, and `prefix`.
Prompt build_prompt(const Tokenizer& tokenizer, const TranscribeOptions& options,
                    std::string_view language, std::span<const int> previous,
                    std::string_view prefix, bool without_timestamps);

/// The initial prompt's tokens; none for an empty one.
std::vector<int> encode_initial_prompt(const Tokenizer& tokenizer,
                                       const TranscribeOptions& options);

/// The ids never to be written, ascending: those asked for, with -1 replaced by the symbols that
/// are not spoken, and the special tokens of the prompt.
std::vector<int> suppressed_tokens(const Tokenizer& tokenizer, const std::vector<int>& asked);

}  // namespace steno::asr
