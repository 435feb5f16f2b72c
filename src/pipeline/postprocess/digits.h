#pragma once

#include <cstddef>
#include <string>
#include <vector>

// Private to postprocess/.

namespace steno::postprocess {

/// A decimal digit, written as a character or a word.
struct Digit {
  int value = 0;
  std::size_t begin = 0;  ///< bytes of the text
  std::size_t end = 0;
  std::string gap;  ///< the text between the previous digit and this one; empty: the same group
};

/// Digits with at most a few separators between them.
using DigitRun = std::vector<Digit>;

/// Whether digits are also read from words, and in which language.
enum class DigitWords { none, english };

std::vector<DigitRun> digit_runs(const std::string& text, DigitWords words);

}  // namespace steno::postprocess
