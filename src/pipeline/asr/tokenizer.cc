#include "pipeline/asr/tokenizer.h"

#include <algorithm>
#include <array>
#include <set>

#include "pipeline/asr/byte_pair_encoding.h"
#include "pipeline/asr/character_class.h"
#include "pipeline/asr/token_text.h"
#include "pipeline/asr/vocabulary.h"
#include "transcript/languages.h"
#include "transcript/text.h"

namespace steno::asr {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kAsciiPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// The characters of valid UTF-8 text, one view each.
std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    text::next_code_point(text, at);
    all.push_back(text.substr(begin, at - begin));
  }
  return all;
}

/// Removes white space at both ends, as Python's str.strip.
std::string_view strip_unicode(std::string_view text) {
  const auto all = characters(text);
  const auto is_white = [](std::string_view character) {
    std::size_t at = 0;
    const char32_t point = text::next_code_point(character, at);
    return is_space(point) || (point >= 0x1C && point <= 0x1F);
  };
  std::size_t first = 0;
  std::size_t last = all.size();
  while (first < last && is_white(all[first])) ++first;
  while (last > first && is_white(all[last - 1])) --last;
  if (first == last) return {};
  return {all[first].data(), all[last - 1].data() + all[last - 1].size()};
}

std::string time_token(int steps) {
  std::array<char, 32> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "<|%d.%02d|>", steps / 50, steps % 50 * 2);
  return {text.data(), static_cast<std::size_t>(length)};
}

struct AddedTokenMatch {
  std::size_t at = std::string_view::npos;
  const AddedToken* token = nullptr;
};

/// The first added token in `text`. Among those that start at the same place, the longest.
AddedTokenMatch find_first_added(const Vocabulary& vocabulary, std::string_view text) {
  for (std::size_t at = 0;; ++at) {
    at = text.find_first_of(vocabulary.added_first_bytes(), at);
    if (at == std::string_view::npos) return {};
    const AddedToken* longest = nullptr;
    for (const AddedToken& token : vocabulary.added()) {
      const bool longer = !longest || token.content.size() > longest->content.size();
      if (longer && text.substr(at).starts_with(token.content)) longest = &token;
    }
    if (longest) return {at, longest};
  }
}

}  // namespace

Result<Tokenizer> Tokenizer::load(const std::string& model_folder, bool multilingual) {
  auto vocabulary = Vocabulary::load(model_folder);
  if (!vocabulary) return tl::unexpected(vocabulary.error());
  Tokenizer tokenizer(std::make_shared<const Vocabulary>(std::move(*vocabulary)));
  tokenizer.multilingual_ = multilingual;
  if (auto found = tokenizer.find_special_ids(); !found) {
    return fail(Errc::bad_model, model_folder + ": " + found.error().message);
  }
  return tokenizer;
}

Tokenizer::Tokenizer(std::shared_ptr<const Vocabulary> vocabulary)
    : vocabulary_(std::move(vocabulary)) {}

Result<void> Tokenizer::find_special_ids() {
  const auto either = [this](std::string_view name, std::string_view other = {}) {
    const auto id = vocabulary_->find_added(name);
    return id ? id : vocabulary_->find_added(other);
  };
  struct Wanted {
    std::string_view name;
    int& id;
    std::string_view other;
  };
  const Wanted wanted[] = {
      {"<|startoftranscript|>", ids_.sot, {}},
      {"<|endoftext|>", ids_.eot, {}},
      {"<|transcribe|>", ids_.transcribe, {}},
      {"<|startoflm|>", ids_.sot_lm, {}},
      {"<|startofprev|>", ids_.sot_prev, {}},
      {"<|nospeech|>", ids_.no_speech, "<|nocaptions|>"},
      {"<|notimestamps|>", ids_.no_timestamps, {}},
  };
  for (const auto& token : wanted) {
    const auto id = either(token.name, token.other);
    if (!id) {
      return fail(Errc::bad_model,
                  "its tokenizer has no " + std::string(token.name) + ": not a Whisper model");
    }
    token.id = *id;
  }
  ids_.translate = either("<|translate|>").value_or(-1);
  if (!multilingual_) return {};
  for (const Language& language : languages()) {
    const auto id = either("<|" + std::string(language.code) + "|>");
    if (!id) continue;
    language_codes_.emplace_back(language.code);
    language_ids_.push_back(*id);
  }
  return {};
}

std::vector<Tokenizer::Special> Tokenizer::special_tokens() const {
  std::vector<Special> all = {{"<|startoftranscript|>", sot()},     {"<|endoftext|>", eot()},
                              {"<|transcribe|>", transcribe()},     {"<|startoflm|>", sot_lm()},
                              {"<|startofprev|>", sot_prev()},      {"<|nospeech|>", no_speech()},
                              {"<|notimestamps|>", no_timestamps()}};
  if (translate() >= 0) all.push_back({"<|translate|>", translate()});
  for (std::size_t i = 0; i < language_ids_.size(); ++i) {
    all.push_back({"<|" + language_codes_[i] + "|>", language_ids_[i]});
  }
  return all;
}

const std::string& Tokenizer::file() const { return vocabulary_->file(); }

std::vector<int> Tokenizer::encode(std::string_view bytes) const {
  const std::string valid = text::valid_utf8(bytes);
  std::string_view text = valid;
  std::vector<int> tokens;
  while (!text.empty()) {
    const AddedTokenMatch added = find_first_added(*vocabulary_, text);
    std::string plain(text.substr(0, added.at));
    if (vocabulary_->add_prefix_space() && !plain.empty() && plain.front() != ' ') {
      plain.insert(plain.begin(), ' ');
    }
    for (const auto piece : pre_tokenize(plain)) append_tokens(*vocabulary_, piece, tokens);
    if (!added.token) break;
    tokens.push_back(added.token->id);
    text.remove_prefix(added.at + added.token->content.size());
  }
  return tokens;
}

std::string Tokenizer::decode(std::span<const int> tokens) const {
  std::string bytes;
  for (const int token : tokens) {
    if (token < eot() && !vocabulary_->is_special(token)) bytes += vocabulary_->bytes(token);
  }
  return text::valid_utf8(bytes);
}

std::string Tokenizer::decode_with_timestamps(std::span<const int> tokens) const {
  std::string text;
  std::string bytes;
  const auto flush = [&] {
    text += text::valid_utf8(bytes);
    bytes.clear();
  };
  for (const int token : tokens) {
    if (token >= timestamp_begin()) {
      flush();
      text += time_token(token - timestamp_begin());
    } else if (!vocabulary_->is_special(token)) {
      bytes += vocabulary_->bytes(token);
    }
  }
  flush();
  return text;
}

std::optional<int> Tokenizer::language_token(std::string_view code) const {
  const auto found = std::ranges::find(language_codes_, code);
  if (found == language_codes_.end()) return std::nullopt;
  return language_ids_[static_cast<std::size_t>(found - language_codes_.begin())];
}

std::optional<std::string> Tokenizer::language_code(int id) const {
  const auto found = std::ranges::find(language_ids_, id);
  if (found == language_ids_.end()) return std::nullopt;
  return language_codes_[static_cast<std::size_t>(found - language_ids_.begin())];
}

std::vector<int> Tokenizer::sot_sequence(std::string_view language, Task task) const {
  std::vector<int> sequence = {sot()};
  if (!multilingual_) return sequence;
  if (const auto id = language_token(language)) sequence.push_back(*id);
  sequence.push_back(task == Task::translate ? translate() : transcribe());
  return sequence;
}

std::vector<int> Tokenizer::non_speech_tokens() const {
  constexpr auto kSymbols = std::to_array<std::string_view>(
      {"\"",  "#",  "(",  ")",   "*",   "+",   "/",   ":",  ";",   "<",  "=",  ">",
       "@",   "[",  "\\", "]",   "^",   "_",   "`",   "{",  "|",   "}",  "~",  "「",
       "」",  "『", "』", "<<",  ">>",  "<<<", ">>>", "--", "---", "-(", "-[", "('",
       "(\"", "((", "))", "(((", ")))", "[[",  "]]",  "{{", "}}",  "♪♪", "♪♪♪"});
  // Notes may have several tokens. The first is then one with which only such symbols begin.
  constexpr std::array<std::string_view, 7> kNotes = {"♩", "♪", "♫", "♬", "♭", "♮", "♯"};

  // Hyphens and single quotes stay allowed inside words, but not at their start.
  std::set<int> ids = {encode(" -").front(), encode(" '").front()};
  const auto add = [&](std::string_view symbol, bool first_of_several) {
    for (const auto& spelling : {std::string(symbol), " " + std::string(symbol)}) {
      const auto tokens = encode(spelling);
      if (tokens.size() == 1 || first_of_several) ids.insert(tokens.front());
    }
  };
  for (const auto symbol : kSymbols) add(symbol, false);
  for (const auto note : kNotes) add(note, true);
  return {ids.begin(), ids.end()};
}

WordTokens Tokenizer::split_to_word_tokens(std::span<const int> tokens,
                                           std::string_view language) const {
  constexpr std::array<std::string_view, 6> kWithoutSpaces = {"zh", "ja", "th", "lo", "my", "yue"};
  const bool spaces =
      !multilingual_ || std::ranges::find(kWithoutSpaces, language) == kWithoutSpaces.end();
  return spaces ? split_at_spaces(tokens) : split_at_characters(tokens);
}

WordTokens Tokenizer::split_at_characters(std::span<const int> tokens) const {
  const std::string whole = decode_with_timestamps(tokens);
  const auto whole_characters = characters(whole);
  WordTokens split;
  std::vector<int> current;
  std::size_t offset = 0;  // start of the current tokens in whole_characters
  for (const int token : tokens) {
    current.push_back(token);
    std::string decoded = decode_with_timestamps(current);
    const auto broken = decoded.find(kReplacement);
    if (broken != std::string::npos) {
      // U+FFFD means half a character, unless the whole text has it at this place too.
      const auto at = offset + count_code_points(std::string_view(decoded).substr(0, broken));
      if (at >= whole_characters.size() || whole_characters[at] != kReplacement) continue;
    }
    offset += count_code_points(decoded);
    split.words.push_back(std::move(decoded));
    split.tokens.push_back(std::move(current));
    current.clear();
  }
  return split;
}

WordTokens Tokenizer::split_at_spaces(std::span<const int> tokens) const {
  WordTokens parts = split_at_characters(tokens);
  WordTokens split;
  for (std::size_t i = 0; i < parts.words.size(); ++i) {
    const std::string& part = parts.words[i];
    const bool special = parts.tokens[i].front() >= eot();
    // As in the reference, several punctuation marks count only if they stand in the list together.
    const bool punctuation = kAsciiPunctuation.find(strip_unicode(part)) != std::string_view::npos;
    if (special || part.starts_with(' ') || punctuation || split.words.empty()) {
      split.words.push_back(part);
      split.tokens.push_back(parts.tokens[i]);
    } else {
      split.words.back() += part;
      split.tokens.back().insert(split.tokens.back().end(), parts.tokens[i].begin(),
                                 parts.tokens[i].end());
    }
  }
  return split;
}

}  // namespace steno::asr
