#pragma once

#include <span>
#include <string>
#include <vector>

#include "options/options.h"
#include "pipeline/asr/tokenizer.h"

namespace steno::asr {

/// The most tokens of the decoder, prompt and text together.
inline constexpr int kMaxDecoderLength = 448;
/// The most tokens generated for one window, unless `max_new_tokens` is smaller.
inline constexpr int kMaxNewTokens = kMaxDecoderLength / 2;

/// The decoder's input before generation.
struct Prompt {
  std::vector<int> tokens;  ///< the whole prompt, ending with `prefix`
  std::vector<int> prefix;  ///< the part that belongs to the window's text
};

/// Builds the prompt as faster_whisper.transcribe.WhisperModel.get_prompt. Hotwords (unless there
/// is a prefix) and `previous` tokens precede <|startoftranscript|>, each cut to half of the space.
/// Then follow language, task, <|notimestamps|> with `without_timestamps`, and `prefix`.
Prompt build_prompt(const Tokenizer& tokenizer, const TranscribeOptions& options,
                    std::string_view language, std::span<const int> previous,
                    std::string_view prefix, bool without_timestamps);

/// The tokens of the initial prompt; none if it is empty.
std::vector<int> encode_initial_prompt(const Tokenizer& tokenizer,
                                       const TranscribeOptions& options);

/// The ids that must not be generated, ascending: the requested ones, with -1 expanded to all
/// symbols that are not spoken, and the special tokens of the prompt.
std::vector<int> suppressed_tokens(const Tokenizer& tokenizer, const std::vector<int>& asked);

}  // namespace steno::asr
