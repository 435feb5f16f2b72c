#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace steno::asr {

/// A stretch of tokens that says the same thing again and again, as Whisper does when its search
/// is stuck: tokens [begin, end) are `period` tokens, repeated.
struct Loop {
  size_t begin = 0;
  size_t end = 0;
  size_t period = 0;
  size_t repeats = 0;  ///< whole ones
};

/// The longest loop: at least kMinLoopRepeats whole repeats over at least kMinLoopTokens tokens.
/// What people repeat ("no, no, no, no") is shorter.
std::optional<Loop> find_loop(std::span<const int> tokens);
inline constexpr size_t kMinLoopRepeats = 4;
inline constexpr size_t kMinLoopTokens = 16;

/// The same over text tokens alone (ids below `text_end`): timestamps differ in each repeat. Begin
/// and end are positions in `tokens`.
std::optional<Loop> find_text_loop(std::span<const int> tokens, int text_end);

/// The tokens up to where the loop's phrase ends for the first time, which is the place in it where
/// the loop ended; what comes after a loop is not to be trusted. Whole when there is no loop.
std::vector<int> cut_at_loop(std::span<const int> tokens, int text_end);

}  // namespace steno::asr
