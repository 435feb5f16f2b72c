#include "pipeline/asr/loops.h"

namespace steno::asr {

std::optional<Loop> find_loop(std::span<const int> tokens) {
  std::optional<Loop> longest;
  for (size_t period = 1; period * kMinLoopRepeats <= tokens.size(); ++period) {
    size_t run = 0;  // consecutive tokens that equal the token one period earlier
    for (size_t i = period; i <= tokens.size(); ++i) {
      if (i < tokens.size() && tokens[i] == tokens[i - period]) {
        ++run;
        continue;
      }
      const size_t length = run + period;
      const bool loops = length / period >= kMinLoopRepeats && length >= kMinLoopTokens;
      // A shorter period that covers the same tokens was found first and is kept.
      if (loops && (!longest || length > longest->end - longest->begin + longest->period)) {
        longest = Loop{i - length, i, period, length / period};
      }
      run = 0;
    }
  }
  return longest;
}

std::optional<Loop> find_text_loop(std::span<const int> tokens, int text_end) {
  std::vector<int> text;
  std::vector<size_t> position;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] >= text_end) continue;
    text.push_back(tokens[i]);
    position.push_back(i);
  }
  auto loop = find_loop(text);
  if (loop) {
    loop->begin = position[loop->begin];
    loop->end = position[loop->end - 1] + 1;
  }
  return loop;
}

std::vector<int> cut_at_loop(std::span<const int> tokens, int text_end) {
  const auto loop = find_text_loop(tokens, text_end);
  if (!loop) return {tokens.begin(), tokens.end()};
  size_t length = 0;  // of the loop, in text tokens
  for (size_t i = loop->begin; i < loop->end; ++i) length += tokens[i] < text_end ? 1 : 0;
  const size_t kept = loop->period + length % loop->period;
  size_t end = loop->begin;
  for (size_t text = 0; text < kept; ++end) text += tokens[end] < text_end ? 1 : 0;
  return {tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(end)};
}

}  // namespace steno::asr
