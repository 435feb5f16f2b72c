#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace steno::asr {

/// A token that is found in a text before anything else is done with it: "<|en|>".
struct AddedToken {
  int id = 0;
  std::string content;
  bool special = true;  ///< left out when tokens are decoded
};

/// What a tokenizer file says, as it is read.
struct VocabularyParts {
  struct Piece {
    std::size_t begin = 0;  ///< in `text`
    std::size_t length = 0;
    int id = 0;
  };
  std::string text;           ///< the bytes of all pieces, one after another
  std::vector<Piece> tokens;  ///< in any order of ids
  /// The bytes each merge makes, the first merge first. Without `has_merges` the ids are the
  /// order: both vocabularies of Whisper number their tokens in the order of the merges.
  std::vector<Piece> merges;
  bool has_merges = false;
  std::vector<AddedToken> added;
  bool add_prefix_space = false;

  /// Text in GPT-2's byte-level alphabet (a space is written U+0120) becomes the bytes it stands
  /// for; text that is not in that alphabet stays as it is.
  Piece append(std::string_view text_in_byte_alphabet, int id);
};

/// tokenizer.json as Hugging Face's `tokenizers` writes it; `file` is for messages. bad_model for
/// malformed JSON and for a model, normalizer or pre-tokenizer other than Whisper's.
Result<VocabularyParts> parse_tokenizer_json(const std::string& json, const std::string& file);
/// A list of strings, special tokens among them.
Result<VocabularyParts> parse_vocabulary_json(const std::string& json, const std::string& file);
/// One token a line.
Result<VocabularyParts> parse_vocabulary_txt(const std::string& text, const std::string& file);

/// The tokens of a model: the bytes each stands for, and which pairs merge. Private to the
/// tokenizer. Read-only once built, so thread-safe.
class Vocabulary {
 public:
  static constexpr int kNoRank = INT32_MAX;

  /// Reads tokenizer.json, else vocabulary.json, else vocabulary.txt of a model folder.
  /// bad_model, naming the file, for what cannot be read.
  static Result<Vocabulary> load(const std::string& model_folder);
  static Result<Vocabulary> build(VocabularyParts parts, const std::string& file);

  int size() const { return static_cast<int>(begin_.size()); }
  /// The bytes of token `id`; empty when there is no such token.
  std::string_view bytes(int id) const;
  /// The token of exactly these bytes.
  std::optional<int> find(std::string_view bytes) const;
  /// The token a merge makes of these bytes, and how early: the lowest rank goes first. The rank
  /// is kNoRank when no merge makes it.
  struct Merge {
    int id = -1;
    int rank = kNoRank;
  };
  Merge find_merge(std::string_view bytes) const;

  std::optional<int> find_added(std::string_view content) const;
  const std::vector<AddedToken>& added() const { return added_; }
  /// Every byte that an added token begins with, once.
  const std::string& added_first_bytes() const { return added_first_bytes_; }
  bool is_special(int id) const;
  bool add_prefix_space() const { return add_prefix_space_; }
  /// The file it was built from.
  const std::string& file() const { return file_; }

 private:
  Result<void> rank_merges(const VocabularyParts& parts, const std::string& file);
  void index();

  std::string file_;
  std::string text_;                  // as VocabularyParts::text
  std::vector<std::uint32_t> begin_;  // of each token in text_
  std::vector<std::uint32_t> length_;
  std::vector<std::uint32_t> slots_;  // open addressing: id + 1, 0 for a free slot
  std::vector<int> ranks_;
  std::vector<AddedToken> added_;
  std::string added_first_bytes_;
  std::vector<bool> special_;
  bool add_prefix_space_ = false;
};

}  // namespace steno::asr
