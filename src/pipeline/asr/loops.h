#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace steno::asr {

/// A loop in a token sequence: tokens [begin, end) repeat `period` tokens. Whisper writes loops
/// when its search is stuck.
struct Loop {
  size_t begin = 0;
  size_t end = 0;
  size_t period = 0;
  size_t repeats = 0;  ///< whole repeats
};

/// Finds the longest loop: at least kMinLoopRepeats whole repeats over at least kMinLoopTokens
/// tokens. Repetitions in speech ("no, no, no, no") are shorter.
std::optional<Loop> find_loop(std::span<const int> tokens);
inline constexpr size_t kMinLoopRepeats = 4;
inline constexpr size_t kMinLoopTokens = 16;

/// As find_loop(), over text tokens only (ids below `text_end`), because timestamps differ in each
/// repeat. Begin and end are positions in `tokens`.
std::optional<Loop> find_text_loop(std::span<const int> tokens, int text_end);

/// Cuts a loop: returns the tokens up to the first end of the looped phrase, at the position in the
/// phrase where the loop ended. Text after a loop is not reliable. Returns all tokens if there is
/// no loop.
std::vector<int> cut_at_loop(std::span<const int> tokens, int text_end);

}  // namespace steno::asr
