#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace steno::asr {

/// A token such as "<|en|>" that is recognised in a text before any other processing.
struct AddedToken {
  int id = 0;
  std::string content;
  bool special = true;  ///< omitted when tokens are decoded
};

/// The content of a tokenizer file, in the order of the file.
struct VocabularyParts {
  struct Piece {
    std::size_t begin = 0;  ///< in `text`
    std::size_t length = 0;
    int id = 0;
  };
  std::string text;           ///< the bytes of all pieces, concatenated
  std::vector<Piece> tokens;  ///< in any order of ids
  /// The bytes that each merge makes, in order. Without `has_merges`, the ids give the order:
  /// Whisper's vocabularies number their tokens in the order of the merges.
  std::vector<Piece> merges;
  bool has_merges = false;
  std::vector<AddedToken> added;
  bool add_prefix_space = false;

  /// Appends a piece. Text in GPT-2's byte-level alphabet (which writes a space as U+0120) is
  /// converted to the bytes it represents. Other text is appended unchanged.
  Piece append(std::string_view text_in_byte_alphabet, int id);
};

/// Parses a tokenizer.json as Hugging Face's `tokenizers` writes it. `file` is the name for error
/// messages. Fails with bad_model for malformed JSON, and for a model, normalizer or pre-tokenizer
/// other than Whisper's.
Result<VocabularyParts> parse_tokenizer_json(const std::string& json, const std::string& file);
/// Parses a list of strings that includes the special tokens.
Result<VocabularyParts> parse_vocabulary_json(const std::string& json, const std::string& file);
/// Parses one token per line.
Result<VocabularyParts> parse_vocabulary_txt(const std::string& text, const std::string& file);

/// The tokens of a model: their bytes, and which pairs merge. Private to the tokenizer. Read-only
/// after construction, hence thread-safe.
class Vocabulary {
 public:
  static constexpr int kNoRank = INT32_MAX;

  /// Reads tokenizer.json, vocabulary.json or vocabulary.txt of a model folder, the first that
  /// exists. Fails with bad_model, naming the file, if it cannot be read.
  static Result<Vocabulary> load(const std::string& model_folder);
  static Result<Vocabulary> build(VocabularyParts parts, const std::string& file);

  int size() const { return static_cast<int>(begin_.size()); }
  /// The bytes of token `id`; empty if there is no such token.
  std::string_view bytes(int id) const;
  /// The token with exactly these bytes.
  std::optional<int> find(std::string_view bytes) const;
  /// The token that a merge makes of these bytes, and its rank. The lowest rank merges first. The
  /// rank is kNoRank if no merge makes it.
  struct Merge {
    int id = -1;
    int rank = kNoRank;
  };
  Merge find_merge(std::string_view bytes) const;

  std::optional<int> find_added(std::string_view content) const;
  const std::vector<AddedToken>& added() const { return added_; }
  /// Every byte with which an added token begins, each once.
  const std::string& added_first_bytes() const { return added_first_bytes_; }
  bool is_special(int id) const;
  bool add_prefix_space() const { return add_prefix_space_; }
  /// The file from which the vocabulary was built.
  const std::string& file() const { return file_; }

 private:
  Result<void> rank_merges(const VocabularyParts& parts, const std::string& file);
  void index();

  std::string file_;
  std::string text_;                  // see VocabularyParts::text
  std::vector<std::uint32_t> begin_;  // start of each token in text_
  std::vector<std::uint32_t> length_;
  std::vector<std::uint32_t> slots_;  // open addressing: id + 1, 0 for a free slot
  std::vector<int> ranks_;
  std::vector<AddedToken> added_;
  std::string added_first_bytes_;
  std::vector<bool> special_;
  bool add_prefix_space_ = false;
};

}  // namespace steno::asr
