#include "base/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace steno {
namespace {

char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' ? '_' : c;
}

// Levenshtein's distance, computed row by row.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (folded(a[i]) == folded(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> choices) {
  constexpr size_t kLongestWord = 100;  // longer words are not typing errors
  if (word.empty() || word.size() > kLongestWord) return std::nullopt;
  std::optional<std::string> best;
  size_t best_distance = 0;
  for (const std::string& choice : choices) {
    const size_t d = distance(word, choice);
    if (d > std::max<size_t>(1, choice.size() / 3)) continue;
    if (!best || d < best_distance) {
      best = choice;
      best_distance = d;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> choices) {
  const auto likely = nearest(word, choices);
  return likely ? "; did you mean " + *likely + "?" : "";
}

}  // namespace steno
