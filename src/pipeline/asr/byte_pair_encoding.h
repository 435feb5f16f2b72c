#pragma once

#include <string_view>
#include <vector>

#include "pipeline/asr/vocabulary.h"

namespace steno::asr {

/// The pieces GPT-2's pre-tokenizer cuts a text into; nothing merges across them:
/// 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
/// `text` is valid UTF-8.
std::vector<std::string_view> pre_tokenize(std::string_view text);

/// Appends the tokens of one piece: its bytes, then merges, the lowest rank first and the leftmost
/// of equals. Takes time n log n. A merge is known by the bytes it makes, not by its halves: every
/// token has one rule, and the pieces inside its bytes have merged as that rule's halves by then.
void append_tokens(const Vocabulary& vocabulary, std::string_view piece, std::vector<int>& tokens);

}  // namespace steno::asr
