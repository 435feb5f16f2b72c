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

/// Whisper's byte-level BPE, token for token as faster_whisper.tokenizer over Hugging Face's
/// `tokenizers` does it. Text is UTF-8. Cheap to copy; thread-safe.
class Tokenizer {
 public:
  /// Reads `tokenizer.json` of a faster-whisper model folder; without it, `vocabulary.json` or
  /// `vocabulary.txt`, whose order holds the merge rules too. `multilingual` is false for the .en
  /// models: their prompt has neither language nor task.
  /// bad_model, naming the file, when it cannot be read or asks for what is not done here.
  static Result<Tokenizer> load(const std::string& model_folder, bool multilingual);

  /// No special tokens are added; one that is spelt out in the text ("<|en|>") becomes its id.
  /// What is not UTF-8 is read as U+FFFD.
  std::vector<int> encode(std::string_view text) const;

  /// The text of the tokens before <|endoftext|>; the others, and ids that do not exist, are left
  /// out. Bytes that are not UTF-8, such as half a character, become U+FFFD, one for each
  /// ill-formed sequence.
  std::string decode(std::span<const int> tokens) const;
  /// With times spelt out: "<|0.00|> Hello.<|1.20|>".
  std::string decode_with_timestamps(std::span<const int> tokens) const;

  int sot() const { return ids_.sot; }
  int eot() const { return ids_.eot; }
  int transcribe() const { return ids_.transcribe; }
  int translate() const { return ids_.translate; }
  int sot_prev() const { return ids_.sot_prev; }
  int sot_lm() const { return ids_.sot_lm; }
  int no_speech() const { return ids_.no_speech; }
  int no_timestamps() const { return ids_.no_timestamps; }
  /// The id of <|0.00|>; each next one is 0.02 s later.
  int timestamp_begin() const { return ids_.no_timestamps + 1; }

  /// A special token and its id.
  struct Special {
    std::string name;
    int id = 0;
  };
  /// Those the model needs, and its languages; a translate token only where there is one.
  std::vector<Special> special_tokens() const;
  /// The file the tokens were read from.
  const std::string& file() const;

  bool multilingual() const { return multilingual_; }
  /// The id of <|code|>, if this model has that language.
  std::optional<int> language_token(std::string_view code) const;
  /// "de" for the id of <|de|>; none for other ids.
  std::optional<std::string> language_code(int id) const;
  /// The codes of this model's languages, in the order of their ids.
  const std::vector<std::string>& language_codes() const { return language_codes_; }

  /// <|startoftranscript|>, the language and the task; the .en models have only the first.
  /// A language the model does not have is left out.
  std::vector<int> sot_sequence(std::string_view language, Task task) const;

  /// Ids, ascending, of what is written but not spoken: brackets, notes, speaker dashes.
  std::vector<int> non_speech_tokens() const;

  /// Words as the language divides them: at every character for those written without spaces (zh,
  /// ja, th, lo, my, yue), at spaces and punctuation for the others. A special token is a word.
  /// Tokens that hold parts of one character stay together.
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
  std::vector<int> language_ids_;  // of language_codes_
};

}  // namespace steno::asr
