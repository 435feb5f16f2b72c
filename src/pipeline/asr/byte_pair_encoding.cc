#include "pipeline/asr/byte_pair_encoding.h"

#include <algorithm>
#include <array>
#include <queue>
#include <tuple>

#include "pipeline/asr/character_class.h"
#include "transcript/text.h"

namespace steno::asr {
namespace {

enum class Class { space, letter, number, other };

struct Character {
  std::size_t begin;
  Class kind;
};

Class classify(char32_t point) {
  if (is_space(point)) return Class::space;
  if (is_letter(point)) return Class::letter;
  if (is_number(point)) return Class::number;
  return Class::other;
}

std::vector<Character> characters_of(std::string_view text) {
  std::vector<Character> characters;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t point = text::next_code_point(text, at);
    characters.push_back({begin, classify(point)});
  }
  return characters;
}

std::size_t contraction_length(std::string_view text) {
  constexpr std::array<std::string_view, 7> kContractions = {"'s", "'t",  "'re", "'ve",
                                                             "'m", "'ll", "'d"};
  for (const auto contraction : kContractions) {
    if (text.starts_with(contraction)) return contraction.size();
  }
  return 0;
}

/// The end of the piece that starts at character `first`.
std::size_t piece_end(std::string_view text, const std::vector<Character>& characters,
                      std::size_t first) {
  if (const auto length = contraction_length(text.substr(characters[first].begin)); length > 0) {
    return first + length;  // in ASCII, every character is one byte
  }
  const auto run_end = [&](std::size_t from) {
    std::size_t end = from;
    while (end < characters.size() && characters[end].kind == characters[from].kind) ++end;
    return end;
  };
  std::size_t word = first;
  if (text[characters[first].begin] == ' ' && first + 1 < characters.size()) ++word;
  if (characters[word].kind != Class::space) return run_end(word);
  const std::size_t end = run_end(first);
  // The last of several spaces belongs to the next word.
  return end < characters.size() && end - first > 1 ? end - 1 : end;
}

struct Symbol {
  int id;
  std::size_t length;  // in bytes; 0 after it has merged into its left neighbour
  std::size_t previous;
  std::size_t next;
};

struct Candidate {
  int rank;
  std::size_t left;    // the left symbol, identified by its first byte
  std::size_t length;  // of both symbols
  int id;
  bool operator>(const Candidate& other) const {
    return std::tie(rank, left) > std::tie(other.rank, other.left);
  }
};

using Queue = std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>>;

/// Queues the pair of `left` and its right neighbour if they merge.
void consider(const Vocabulary& vocabulary, std::string_view piece,
              const std::vector<Symbol>& symbols, std::size_t left, Queue& queue) {
  const std::size_t right = symbols[left].next;
  if (right >= piece.size()) return;
  const std::size_t length = symbols[left].length + symbols[right].length;
  const auto merge = vocabulary.find_merge(piece.substr(left, length));
  if (merge.rank != Vocabulary::kNoRank) queue.push({merge.rank, left, length, merge.id});
}

}  // namespace

std::vector<std::string_view> pre_tokenize(std::string_view text) {
  const auto characters = characters_of(text);
  std::vector<std::string_view> pieces;
  for (std::size_t first = 0; first < characters.size();) {
    const std::size_t end = piece_end(text, characters, first);
    const std::size_t begin = characters[first].begin;
    const std::size_t stop = end < characters.size() ? characters[end].begin : text.size();
    pieces.push_back(text.substr(begin, stop - begin));
    first = end;
  }
  return pieces;
}

void append_tokens(const Vocabulary& vocabulary, std::string_view piece, std::vector<int>& tokens) {
  if (const auto whole = vocabulary.find_merge(piece); whole.rank != Vocabulary::kNoRank) {
    tokens.push_back(whole.id);
    return;
  }
  std::vector<Symbol> symbols;
  symbols.reserve(piece.size());
  for (std::size_t at = 0; at < piece.size(); ++at) {
    symbols.push_back({vocabulary.find(piece.substr(at, 1)).value_or(-1), 1, at - 1, at + 1});
  }
  Queue queue;
  for (std::size_t at = 0; at + 1 < piece.size(); ++at) {
    consider(vocabulary, piece, symbols, at, queue);
  }
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& left = symbols[best.left];
    if (left.length == 0 || left.next >= piece.size()) continue;
    Symbol& right = symbols[left.next];
    // one of them has merged in the meantime
    if (left.length + right.length != best.length) continue;
    left.id = best.id;
    left.length = best.length;
    left.next = right.next;
    right.length = 0;
    if (left.next < piece.size()) symbols[left.next].previous = best.left;
    consider(vocabulary, piece, symbols, best.left, queue);
    if (best.left > 0) consider(vocabulary, piece, symbols, left.previous, queue);
  }
  for (std::size_t at = 0; at < piece.size(); at = symbols[at].next) {
    tokens.push_back(symbols[at].id);
  }
}

}  // namespace steno::asr
