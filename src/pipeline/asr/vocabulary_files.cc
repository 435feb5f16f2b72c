// tokenizer.json has 4 MB and is read at each start. simdjson parses it faster than nlohmann/json.
#include <simdjson.h>

#include <array>

#include "pipeline/asr/vocabulary.h"

namespace steno::asr {
namespace {

/// The byte that each code point of GPT-2's alphabet represents, -1 for others. Printable Latin-1
/// characters represent themselves; the 68 other bytes follow from U+0100.
constexpr std::array<int, 0x144> byte_alphabet() {
  std::array<int, 0x144> bytes{};
  bytes.fill(-1);
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte != 0xAD);
    bytes[static_cast<std::size_t>(printable ? byte : next++)] = byte;
  }
  return bytes;
}
constexpr auto kByteAlphabet = byte_alphabet();

/// Returns false if `text` is not in the alphabet. `out` then holds part of it.
bool append_bytes(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto point = static_cast<unsigned char>(text[at]);
    std::size_t code = point;
    if (point >= 0x80) {  // the alphabet ends at U+0143, so characters have at most two bytes
      if ((point & 0xE0U) != 0xC0U || at + 1 == text.size()) return false;
      code = (point & 0x1FU) << 6U | (static_cast<unsigned char>(text[++at]) & 0x3FU);
    }
    if (code >= kByteAlphabet.size() || kByteAlphabet[code] < 0) return false;
    out.push_back(static_cast<char>(kByteAlphabet[code]));
  }
  return true;
}

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

/// One setting as text, or `when_absent` if its section or the setting is missing or null.
std::string setting(const element& root, std::string_view section, std::string_view name,
                    std::string_view when_absent) {
  element value;
  if (root[section][name].get(value) != simdjson::SUCCESS || value.is_null()) {
    return std::string(when_absent);
  }
  std::string_view text;
  bool flag = false;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  if (value.get(flag) == simdjson::SUCCESS) return flag ? "true" : "false";
  return "of another kind";
}

/// The first unsupported feature of the tokenizer; empty if there is none.
std::string unsupported(const element& root) {
  if (setting(root, "model", "type", "BPE") != "BPE") return "not a BPE tokenizer";
  element normalizer;
  if (root["normalizer"].get(normalizer) == simdjson::SUCCESS && !normalizer.is_null()) {
    return "has a normalizer, which Whisper's tokenizers do not";
  }
  if (setting(root, "pre_tokenizer", "type", "none") != "ByteLevel" ||
      setting(root, "pre_tokenizer", "use_regex", "true") != "true") {
    return "its pre-tokenizer is not Whisper's, ByteLevel";
  }
  if (setting(root, "decoder", "type", "ByteLevel") != "ByteLevel") {
    return "its decoder is not Whisper's, ByteLevel";
  }
  if (!setting(root, "model", "continuing_subword_prefix", "").empty() ||
      !setting(root, "model", "end_of_word_suffix", "").empty() ||
      !setting(root, "model", "dropout", "").empty() ||
      setting(root, "model", "byte_fallback", "false") != "false") {
    return "its BPE model marks, drops or falls back, which Whisper's do not";
  }
  return "";
}

bool read_id(const element& value, int& id) {
  std::int64_t number = 0;
  if (value.get(number) != simdjson::SUCCESS || number < 0 || number > INT32_MAX) return false;
  id = static_cast<int>(number);
  return true;
}

bool read_vocabulary(const object& vocabulary, VocabularyParts& parts) {
  parts.tokens.reserve(vocabulary.size());
  for (const auto& [token, value] : vocabulary) {
    int id = 0;
    if (!read_id(value, id)) return false;
    parts.tokens.push_back(parts.append(token, id));
  }
  return true;
}

/// A merge is "left right" or a list of both.
bool read_merges(const array& merges, VocabularyParts& parts) {
  parts.merges.reserve(merges.size());
  parts.has_merges = true;
  std::string joined;
  for (const element& merge : merges) {
    std::string_view left;
    std::string_view right;
    array halves;
    if (merge.get(left) == simdjson::SUCCESS) {
      const auto space = left.find(' ');
      if (space == left.npos || left.find(' ', space + 1) != left.npos) return false;
      right = left.substr(space + 1);
      left = left.substr(0, space);
    } else if (merge.get(halves) != simdjson::SUCCESS || halves.size() != 2 ||
               halves.at(0).get(left) != simdjson::SUCCESS ||
               halves.at(1).get(right) != simdjson::SUCCESS) {
      return false;
    }
    joined = left;
    joined += right;
    parts.merges.push_back(parts.append(joined, 0));
  }
  return true;
}

bool read_added(const array& tokens, VocabularyParts& parts) {
  for (const element& token : tokens) {
    AddedToken added{-1, "", false};
    element id;
    std::string_view content;
    if (token["id"].get(id) != simdjson::SUCCESS || !read_id(id, added.id) ||
        token["content"].get(content) != simdjson::SUCCESS || content.empty()) {
      return false;
    }
    added.content = content;
    if (token["special"].get(added.special) != simdjson::SUCCESS) added.special = false;
    parts.added.push_back(std::move(added));
  }
  return true;
}

bool is_special(std::string_view token) {
  return token.size() > 4 && token.starts_with("<|") && token.ends_with("|>");
}

/// Adds a token of a plain list. Tokens in <|…|> are added tokens; timestamps are not special.
void add_listed(VocabularyParts& parts, std::string_view token, int id) {
  if (is_special(token)) {
    const bool time = token[2] >= '0' && token[2] <= '9';
    parts.added.push_back({id, std::string(token), !time});
  } else {
    parts.tokens.push_back(parts.append(token, id));
  }
}

}  // namespace

VocabularyParts::Piece VocabularyParts::append(std::string_view token, int id) {
  const auto begin = text.size();
  if (!append_bytes(token, text)) {
    text.resize(begin);
    text += token;
  }
  return {begin, text.size() - begin, id};
}

Result<VocabularyParts> parse_tokenizer_json(const std::string& json, const std::string& file) {
  const auto refuse = [&](const std::string& why) {
    return fail(Errc::bad_model, file + ": " + why);
  };
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(json).get(root) != simdjson::SUCCESS) {
    return refuse("not JSON");
  }
  object vocabulary;
  if (root["model"]["vocab"].get(vocabulary) != simdjson::SUCCESS) {
    return refuse("not a BPE tokenizer");
  }
  if (const auto why = unsupported(root); !why.empty()) return refuse(why);

  VocabularyParts parts;
  parts.text.reserve(json.size() / 4);
  parts.add_prefix_space = setting(root, "pre_tokenizer", "add_prefix_space", "true") == "true";
  if (!read_vocabulary(vocabulary, parts)) return refuse("a token's id is not a whole number");
  array merges;
  if (root["model"]["merges"].get(merges) != simdjson::SUCCESS) return refuse("has no merges");
  if (!read_merges(merges, parts)) return refuse("a merge is not two strings");
  array added;
  if (root["added_tokens"].get(added) == simdjson::SUCCESS && !read_added(added, parts)) {
    return refuse("an added token has no id or no content");
  }
  return parts;
}

Result<VocabularyParts> parse_vocabulary_json(const std::string& json, const std::string& file) {
  simdjson::dom::parser parser;
  array tokens;
  if (parser.parse(json).get(tokens) != simdjson::SUCCESS) {
    return fail(Errc::bad_model, file + ": not a list of strings in JSON");
  }
  VocabularyParts parts;
  int id = 0;
  for (const element& token : tokens) {
    std::string_view text;
    if (token.get(text) != simdjson::SUCCESS) {
      return fail(Errc::bad_model, file + ": not a list of strings in JSON");
    }
    add_listed(parts, text, id++);
  }
  return parts;
}

Result<VocabularyParts> parse_vocabulary_txt(const std::string& lines, const std::string&) {
  std::string_view text = lines;
  VocabularyParts parts;
  for (int id = 0; !text.empty(); ++id) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    add_listed(parts, line, id);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return parts;
}

}  // namespace steno::asr
