#pragma once

#include <string_view>
#include <vector>

#include "pipeline/asr/vocabulary.h"

namespace steno::asr {

/// Splits a text as GPT-2's pre-tokenizer does. Merges never cross the pieces.
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// `text` is valid UTF-8.
std::vector<std::string_view> pre_tokenize(std::string_view text);

/// Appends the tokens of one piece. It starts with the piece's bytes and merges the pair of lowest
/// rank, the leftmost of equals first. Takes O(n log n). A merge is identified by the bytes that it
/// makes, not by its halves. That is sufficient: every token has one rule, and the bytes inside it
/// have been merged into that rule's halves before.
void append_tokens(const Vocabulary& vocabulary, std::string_view piece, std::vector<int>& tokens);

}  // namespace steno::asr
