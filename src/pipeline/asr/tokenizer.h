#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "options/options.h"

namespace steno::asr {

class Vocabulary;

/// Tokens grouped into words: `words[i]` is the text of `tokens[i]`.
struct WordTokens {
  std::vector<std::string> words;
  std::vector<std::vector<int>> tokens;
};

/// Whisper's byte-level BPE tokenizer. Its tokens equal those of faster_whisper.tokenizer, which
/// uses Hugging Face's `tokenizers`. Text is UTF-8. Cheap to copy; thread-safe.
class Tokenizer {
 public:
  /// Reads `tokenizer.json` of a faster-whisper model folder. Without it, reads `vocabulary.json`
  /// or `vocabulary.txt`, whose order also gives the merge rules. `multilingual` is false for the
  /// .en models, whose prompt has neither language nor task. Fails with bad_model, naming the file,
  /// if the file is unreadable or needs an unsupported feature.
  static Result<Tokenizer> load(const std::string& model_folder, bool multilingual);

  /// Encodes text without adding special tokens. A special token in the text ("<|en|>") becomes its
  /// id. Invalid UTF-8 is read as U+FFFD.
  std::vector<int> encode(std::string_view text) const;

  /// The text of the tokens below <|endoftext|>. Other ids are skipped. Each ill-formed UTF-8
  /// sequence, such as half a character, becomes U+FFFD.
  std::string decode(std::span<const int> tokens) const;
  /// As decode(), with times: "<|0.00|> Hello.<|1.20|>".
  std::string decode_with_timestamps(std::span<const int> tokens) const;

  int sot() const { return ids_.sot; }
  int eot() const { return ids_.eot; }
  int transcribe() const { return ids_.transcribe; }
  int translate() const { return ids_.translate; }
  int sot_prev() const { return ids_.sot_prev; }
  int sot_lm() const { return ids_.sot_lm; }
  int no_speech() const { return ids_.no_speech; }
  int no_timestamps() const { return ids_.no_timestamps; }
  /// The id of <|0.00|>. Each following id is 0.02 s later.
  int timestamp_begin() const { return ids_.no_timestamps + 1; }

  /// A special token and its id.
  struct Special {
    std::string name;
    int id = 0;
  };
  /// The special tokens that the model needs, and its languages. Includes a translate token only if
  /// the model has one.
  std::vector<Special> special_tokens() const;
  /// The file from which the tokens were read.
  const std::string& file() const;

  bool multilingual() const { return multilingual_; }
  /// The id of <|code|>, if the model has that language.
  std::optional<int> language_token(std::string_view code) const;
  /// The language code of an id, such as "de" for <|de|>. None for other ids.
  std::optional<std::string> language_code(int id) const;
  /// The codes of the model's languages, in the order of their ids.
  const std::vector<std::string>& language_codes() const { return language_codes_; }

  /// <|startoftranscript|>, the language and the task. The .en models have only the first. A
  /// language that the model does not have is omitted.
  std::vector<int> sot_sequence(std::string_view language, Task task) const;

  /// Ids, ascending, of symbols that are written but not spoken: brackets, notes, speaker dashes.
  std::vector<int> non_speech_tokens() const;

  /// Groups tokens into words by the rules of the language: at every character for languages
  /// without spaces (zh, ja, th, lo, my, yue), otherwise at spaces and punctuation. A special token
  /// is a word of its own. Tokens that hold parts of one character stay together.
  WordTokens split_to_word_tokens(std::span<const int> tokens, std::string_view language) const;

 private:
  struct SpecialIds {
    int sot, eot, transcribe, translate, sot_prev, sot_lm, no_speech, no_timestamps;
  };

  explicit Tokenizer(std::shared_ptr<const Vocabulary> vocabulary);
  Result<void> find_special_ids();
  WordTokens split_at_characters(std::span<const int> tokens) const;
  WordTokens split_at_spaces(std::span<const int> tokens) const;

  std::shared_ptr<const Vocabulary> vocabulary_;
  bool multilingual_ = true;
  SpecialIds ids_{};
  std::vector<std::string> language_codes_;
  std::vector<int> language_ids_;  // ids of language_codes_
};

}  // namespace steno::asr
