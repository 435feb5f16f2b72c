#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "pipeline/asr/vocabulary.h"

namespace steno::asr {
namespace {

using Json = nlohmann::json;

/// The byte each code point of GPT-2's alphabet stands for, -1 for others: printable Latin-1
/// characters stand for themselves, the 68 other bytes follow from U+0100 on.
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

/// False when `text` is not in the alphabet; `out` then holds part of it.
bool append_bytes(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    auto point = static_cast<unsigned char>(text[at]);
    std::size_t code = point;
    if (point >= 0x80) {  // the alphabet ends at U+0143: two bytes at most
      if ((point & 0xE0U) != 0xC0U || at + 1 == text.size()) return false;
      code = (point & 0x1FU) << 6U | (static_cast<unsigned char>(text[++at]) & 0x3FU);
    }
    if (code >= kByteAlphabet.size() || kByteAlphabet[code] < 0) return false;
    out.push_back(static_cast<char>(kByteAlphabet[code]));
  }
  return true;
}

/// What both readers of JSON have in common: events that a tokenizer file may hold anywhere.
class Reader : public Json::json_sax_t {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  bool null() override { return scalar("null"); }
  bool boolean(bool value) override { return scalar(value ? "true" : "false"); }
  bool number_unsigned(std::uint64_t value) override {
    return value <= INT32_MAX ? integer(static_cast<int>(value)) : scalar("number");
  }
  bool number_integer(std::int64_t) override { return scalar("number"); }
  bool number_float(double, const std::string&) override { return scalar("number"); }
  bool binary(Json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    return refuse("not JSON at byte " + std::to_string(position));
  }

  Result<VocabularyParts> read(std::string_view json) {
    const bool done = Json::sax_parse(json.begin(), json.end(), this);
    if (done && error_.empty()) check();
    if (!error_.empty()) return fail(Errc::bad_model, file_ + ": " + error_);
    return std::move(parts_);
  }

 protected:
  virtual bool scalar(std::string_view value) = 0;
  virtual bool integer(int value) = 0;
  virtual bool enter() = 0;
  virtual bool leave() = 0;
  virtual void check() = 0;

  bool refuse(std::string why) {
    error_ = std::move(why);
    return false;
  }

  VocabularyParts parts_;
  std::string error_;

 private:
  std::string file_;
};

/// tokenizer.json. The settings are few and kept by their path ("pre_tokenizer/type"); the three
/// long lists go straight into the parts.
class TokenizerReader : public Reader {
 public:
  using Reader::Reader;

  bool key(std::string& name) override {
    if (list_ == List::vocabulary && path_.size() == 2) {
      key_ = name;
      return true;
    }
    path_.back() = name;
    return true;
  }

  bool string(std::string& value) override {
    if (list_ == List::merges) return merge_part(value);
    if (list_ == List::added && path_.size() == 3) {
      if (path_.back() == "content") added_.content = value;
      return true;
    }
    return scalar(value);
  }

 protected:
  bool integer(int value) override {
    if (list_ == List::vocabulary && path_.size() == 2) {
      parts_.tokens.push_back(parts_.append(key_, value));
      return true;
    }
    if (list_ == List::added && path_.size() == 3 && path_.back() == "id") {
      added_.id = value;
      return true;
    }
    return scalar("number");
  }

  bool scalar(std::string_view value) override {
    switch (list_) {
      case List::none:
        break;
      case List::vocabulary:
        return refuse("the vocabulary holds an id that is not a number");
      case List::merges:
        return refuse("a merge is not two strings");
      case List::added:
        if (path_.size() == 3 && path_.back() == "special") added_.special = value == "true";
        return true;
    }
    if (!path_.empty() && path_.front() != "post_processor") settings_[joined()] = value;
    return true;
  }

  // After enter(), path_ holds one more name than there are open lists and objects around it; the
  // last is the key being read, or empty inside an array.
  bool enter() override {
    if (path_.size() >= kDeepest) return refuse("nested too deeply");
    if (list_ == List::none && path_.size() == 1 && path_[0] == "added_tokens") {
      list_ = List::added;
    } else if (list_ == List::none && path_.size() == 2 && path_[0] == "model") {
      if (path_[1] == "vocab") list_ = List::vocabulary;
      if (path_[1] == "merges") list_ = List::merges;
      parts_.has_merges |= list_ == List::merges;
      if (list_ != List::none) return ++depth_, true;
    } else if (list_ == List::merges && depth_ == 1) {
      halves_ = 0;
      return ++depth_, true;
    } else if (list_ == List::vocabulary || list_ == List::merges) {
      return refuse("the vocabulary or the merges are nested");
    }
    if (list_ == List::added && path_.size() == 2) added_ = {-1, "", false};
    path_.emplace_back();
    return true;
  }

  bool leave() override {
    if (list_ == List::vocabulary || list_ == List::merges) {
      if (list_ == List::merges && depth_ == 2 && halves_ != 2) return scalar("");
      if (--depth_ == 0) list_ = List::none;
      return true;
    }
    path_.pop_back();
    if (list_ == List::added && path_.size() == 2) {
      if (added_.id < 0 || added_.content.empty()) {
        return refuse("an added token has no id or no content");
      }
      parts_.added.push_back(added_);
    }
    if (list_ == List::added && path_.size() == 1) list_ = List::none;
    return true;
  }

  void check() override {
    if (setting("model/type", "BPE") != "BPE" || parts_.tokens.empty()) {
      refuse("not a BPE tokenizer");
    } else if (!parts_.has_merges) {
      refuse("has no merges");
    } else if (setting("normalizer", "null") != "null" || settings_.contains("normalizer/type")) {
      refuse("has a normalizer, which Whisper's tokenizers do not");
    } else if (setting("pre_tokenizer/type", "none") != "ByteLevel" ||
               setting("pre_tokenizer/use_regex", "true") != "true") {
      refuse("its pre-tokenizer is not Whisper's, ByteLevel");
    } else if (setting("decoder/type", "ByteLevel") != "ByteLevel") {
      refuse("its decoder is not Whisper's, ByteLevel");
    } else if (!setting("model/continuing_subword_prefix", "").empty() ||
               !setting("model/end_of_word_suffix", "").empty() ||
               setting("model/byte_fallback", "false") == "true" ||
               setting("model/dropout", "null") != "null") {
      refuse("its BPE model marks, drops or falls back, which Whisper's do not");
    }
    parts_.add_prefix_space = setting("pre_tokenizer/add_prefix_space", "true") == "true";
  }

 private:
  enum class List { none, vocabulary, merges, added };
  static constexpr std::size_t kDeepest = 32;

  /// A merge is "left right", or the list of both.
  bool merge_part(const std::string& value) {
    if (depth_ == 1) {
      const auto space = value.find(' ');
      if (space == std::string::npos || value.find(' ', space + 1) != std::string::npos) {
        return scalar("");
      }
      parts_.merges.push_back(parts_.append(value.substr(0, space) + value.substr(space + 1), 0));
      return true;
    }
    if (halves_++ == 0) {
      left_ = value;
      return true;
    }
    left_ += value;
    parts_.merges.push_back(parts_.append(left_, 0));
    return true;
  }

  std::string joined() const {
    std::string path;
    for (const auto& name : path_) path += (path.empty() ? "" : "/") + name;
    return path;
  }

  std::string setting(const std::string& path, const std::string& when_absent) const {
    const auto found = settings_.find(path);
    if (found == settings_.end()) return when_absent;
    return found->second == "null" && when_absent.empty() ? when_absent : found->second;
  }

  List list_ = List::none;
  std::vector<std::string> path_;
  int depth_ = 0;   // inside vocab or merges
  int halves_ = 0;  // of the merge being read
  std::string key_, left_;
  AddedToken added_;
  std::map<std::string, std::string> settings_;
};

bool is_special(std::string_view token) {
  return token.size() > 4 && token.starts_with("<|") && token.ends_with("|>");
}

/// A token of a plain list; those in <|…|> are added tokens, the times among them not special.
void add_listed(VocabularyParts& parts, std::string_view token, int id) {
  if (is_special(token)) {
    const bool time = token[2] >= '0' && token[2] <= '9';
    parts.added.push_back({id, std::string(token), !time});
  } else {
    parts.tokens.push_back(parts.append(token, id));
  }
}

/// vocabulary.json: one list of strings.
class ListReader : public Reader {
 public:
  using Reader::Reader;

  bool key(std::string&) override { return scalar(""); }
  bool string(std::string& value) override {
    if (depth_ != 1) return scalar("");
    add_listed(parts_, value, id_++);
    return true;
  }

 protected:
  bool integer(int) override { return scalar(""); }
  bool scalar(std::string_view) override { return refuse("not a list of strings"); }
  bool enter() override { return ++depth_ == 1 || scalar(""); }
  bool leave() override { return true; }
  void check() override {}

 private:
  int depth_ = 0;
  int id_ = 0;
};

}  // namespace

VocabularyParts::Piece VocabularyParts::append(std::string_view token, int id) {
  const auto begin = text.size();
  if (!append_bytes(token, text)) {
    text.resize(begin);
    text += token;
  }
  return {begin, text.size() - begin, id};
}

Result<VocabularyParts> parse_tokenizer_json(std::string_view json, const std::string& file) {
  return TokenizerReader(file).read(json);
}

Result<VocabularyParts> parse_vocabulary_json(std::string_view json, const std::string& file) {
  return ListReader(file).read(json);
}

Result<VocabularyParts> parse_vocabulary_txt(std::string_view text, const std::string&) {
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
