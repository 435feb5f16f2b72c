#include "pipeline/asr/missed.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace steno::asr {
namespace {

/// A longer word has probably absorbed speech that was missed next to it.
constexpr double kLongestWord = 1.0;

/// The number of tokens that make up the first `size` bytes of their text.
size_t tokens_of_text(const std::vector<int>& tokens, size_t size, const Tokenizer& tokenizer) {
  size_t count = 0;
  while (count < tokens.size() && tokenizer.decode(std::span(tokens).first(count)).size() < size) {
    ++count;
  }
  return count;
}

/// Moves the words from index `first` on, with their tokens, to a new segment.
Segment split_off(Segment& segment, size_t first, const Tokenizer& tokenizer) {
  Segment rest = segment;
  std::string head;
  for (size_t i = 0; i < first; ++i) head += segment.words[i].word;
  const size_t tokens = tokens_of_text(segment.tokens, head.size(), tokenizer);
  segment.words.resize(first);
  segment.tokens.resize(tokens);
  rest.words.erase(rest.words.begin(), rest.words.begin() + static_cast<std::ptrdiff_t>(first));
  rest.tokens.erase(rest.tokens.begin(), rest.tokens.begin() + static_cast<std::ptrdiff_t>(tokens));
  for (Segment* part : {&segment, &rest}) part->text = tokenizer.decode(part->tokens);
  segment.end = segment.words.back().end;
  rest.start = rest.words.front().start;
  return rest;
}

}  // namespace

std::vector<Stretch> find_missed(std::span<const Segment> segments, double seconds) {
  std::vector<Stretch> missed;
  double covered = 0;
  const auto cover = [&](double begin, double end) {
    if (begin - covered > kLongestWordless) missed.push_back({covered, begin});
    covered = std::max(covered, end);
  };
  for (const Segment& segment : segments) {
    for (const Word& word : segment.words) {
      cover(std::max(word.start, word.end - kLongestWord), word.end);
    }
    if (segment.words.empty()) cover(segment.start, segment.end);
  }
  cover(seconds, seconds);
  return missed;
}

void insert_found(std::vector<Segment>& segments, const Stretch& stretch,
                  std::vector<Segment> found, const Tokenizer& tokenizer) {
  if (found.empty()) return;
  const auto is_later = [&](const Word& word) { return word.end > stretch.begin; };
  auto at = segments.begin();
  for (; at != segments.end(); ++at) {
    const auto later = std::find_if(at->words.begin(), at->words.end(), is_later);
    if (later == at->words.end()) continue;
    if (later != at->words.begin()) {
      Segment rest = split_off(*at, static_cast<size_t>(later - at->words.begin()), tokenizer);
      at = segments.insert(std::next(at), std::move(rest));
    }
    // Its first word may have been stretched over the missed speech.
    Word& first = at->words.front();
    first.start = std::clamp(stretch.end, first.start, first.end);
    at->start = first.start;
    break;
  }
  segments.insert(at, std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
}

}  // namespace steno::asr
