// Any bytes as a tokenizer or vocabulary file must give a tokenizer that encodes and decodes, or an
// error that names the file. Must not crash. The first byte selects the kind of file.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "pipeline/asr/byte_pair_encoding.h"
#include "pipeline/asr/vocabulary.h"
#include "transcript/text.h"

namespace {

using namespace steno;
using namespace steno::asr;

Result<VocabularyParts> parse(unsigned kind, const std::string& content) {
  if (kind % 3 == 0) return parse_tokenizer_json(content, "fuzz");
  if (kind % 3 == 1) return parse_vocabulary_json(content, "fuzz");
  return parse_vocabulary_txt(content, "fuzz");
}

void require(bool condition) {
  if (!condition) std::abort();
}

/// Adds all single bytes, which Whisper's vocabularies contain and random input rarely does.
void add_bytes(VocabularyParts& parts) {
  for (int byte = 0; byte < 256; ++byte) {
    parts.tokens.push_back({parts.text.size(), 1, 2000 + byte});
    parts.text += static_cast<char>(byte);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string content(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto parts = parse(data[0], content);
  if (!parts) {
    require(parts.error().message.starts_with("fuzz: "));
    return 0;
  }
  add_bytes(*parts);
  const auto vocabulary = Vocabulary::build(std::move(*parts), "fuzz");
  if (!vocabulary) {
    require(vocabulary.error().message.starts_with("fuzz: "));
    return 0;
  }
  const std::string text = text::valid_utf8(content);
  require(text::valid_utf8(text) == text);
  std::string pieces;
  std::string decoded;
  for (const auto piece : pre_tokenize(text)) {
    pieces += piece;
    std::vector<int> tokens;
    append_tokens(*vocabulary, piece, tokens);
    for (const int token : tokens) decoded += vocabulary->bytes(token);
  }
  require(pieces == text);
  require(decoded == text);
  return 0;
}
