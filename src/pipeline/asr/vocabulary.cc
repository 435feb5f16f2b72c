#include "pipeline/asr/vocabulary.h"

#include <algorithm>
#include <bit>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace steno::asr {
namespace {

constexpr std::uintmax_t kLargestFile = 64U << 20U;
constexpr int kLargestId = 1 << 20;
constexpr std::size_t kParserPadding = 64;  // simdjson copies a text that has less padding

std::uint64_t hash(std::string_view bytes) {
  std::uint64_t value = 14695981039346656037U;  // FNV-1a
  for (const char c : bytes) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return value ^ (value >> 32U);
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) return fail(Errc::bad_model, path.string() + ": " + failed.message());
  if (size > kLargestFile) {
    return fail(Errc::bad_model, path.string() + ": larger than 64 MiB, not a tokenizer file");
  }
  std::ifstream stream(path, std::ios::binary);
  std::string content;
  content.reserve(size + kParserPadding);
  content.resize(size);
  if (!stream.read(content.data(), static_cast<std::streamsize>(size))) {
    return fail(Errc::bad_model, path.string() + ": cannot be read");
  }
  return content;
}

}  // namespace

Result<Vocabulary> Vocabulary::load(const std::string& model_folder) {
  using Parser = Result<VocabularyParts> (*)(const std::string&, const std::string&);
  constexpr std::pair<const char*, Parser> kFiles[] = {
      {"tokenizer.json", parse_tokenizer_json},
      {"vocabulary.json", parse_vocabulary_json},
      {"vocabulary.txt", parse_vocabulary_txt},
  };
  for (const auto& [name, parse] : kFiles) {
    const auto path = std::filesystem::path(model_folder) / name;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) continue;
    const auto content = read_file(path);
    if (!content) return tl::unexpected(content.error());
    auto parts = parse(*content, path.string());
    if (!parts) return tl::unexpected(parts.error());
    return build(std::move(*parts), path.string());
  }
  return fail(Errc::bad_model,
              model_folder + ": no tokenizer.json, vocabulary.json or vocabulary.txt in it");
}

Result<Vocabulary> Vocabulary::build(VocabularyParts parts, const std::string& file) {
  int largest = -1;
  for (const auto& token : parts.tokens) largest = std::max(largest, token.id);
  for (const auto& token : parts.added) largest = std::max(largest, token.id);
  const auto negative = [](const auto& token) { return token.id < 0; };
  if (largest < 0) return fail(Errc::bad_model, file + ": holds no tokens");
  if (largest > kLargestId || std::ranges::any_of(parts.tokens, negative) ||
      std::ranges::any_of(parts.added, negative)) {
    return fail(Errc::bad_model, file + ": a token's id is not within 0 to 1048576");
  }

  Vocabulary built;
  built.file_ = file;
  const auto size = static_cast<std::size_t>(largest) + 1;
  built.begin_.resize(size);
  built.length_.resize(size);
  built.special_.resize(size);
  built.ranks_.assign(size, kNoRank);
  for (const auto& token : parts.tokens) {
    built.begin_[static_cast<std::size_t>(token.id)] = static_cast<std::uint32_t>(token.begin);
    built.length_[static_cast<std::size_t>(token.id)] = static_cast<std::uint32_t>(token.length);
  }
  built.text_ = parts.text;
  built.index();
  for (int byte = 0; byte < 256; ++byte) {
    const char one = static_cast<char>(byte);
    if (!built.find({&one, 1})) {
      return fail(Errc::bad_model, file + ": has no token for byte " + std::to_string(byte));
    }
  }
  if (auto ranked = built.rank_merges(parts, file); !ranked) return tl::unexpected(ranked.error());

  for (const auto& token : parts.added) {
    const auto id = static_cast<std::size_t>(token.id);
    built.begin_[id] = static_cast<std::uint32_t>(built.text_.size());
    built.length_[id] = static_cast<std::uint32_t>(token.content.size());
    built.text_ += token.content;
    built.special_[id] = token.special;
    built.ranks_[id] = kNoRank;
    const char first = token.content.front();
    if (built.added_first_bytes_.find(first) == std::string::npos) {
      built.added_first_bytes_ += first;
    }
  }
  built.added_ = std::move(parts.added);
  built.add_prefix_space_ = parts.add_prefix_space;
  return built;
}

Result<void> Vocabulary::rank_merges(const VocabularyParts& parts, const std::string& file) {
  if (!parts.has_merges) {
    for (std::size_t id = 0; id < ranks_.size(); ++id) {
      if (length_[id] > 1) ranks_[id] = static_cast<int>(id);
    }
    return {};
  }
  int rank = 0;
  for (const auto& merge : parts.merges) {
    const auto bytes = std::string_view(parts.text).substr(merge.begin, merge.length);
    const auto id = find(bytes);
    if (!id) {
      return fail(Errc::bad_model, file + ": merge " + std::to_string(rank + 1) +
                                       " makes what is not in the vocabulary");
    }
    int& known = ranks_[static_cast<std::size_t>(*id)];
    if (known != kNoRank) {
      return fail(Errc::bad_model, file + ": merge " + std::to_string(rank + 1) +
                                       " makes the same token as an earlier one");
    }
    known = rank++;
  }
  return {};
}

void Vocabulary::index() {
  slots_.assign(std::bit_ceil(begin_.size() * 2 + 1), 0);
  for (std::size_t id = 0; id < begin_.size(); ++id) {
    if (length_[id] == 0) continue;
    auto slot = hash(bytes(static_cast<int>(id))) & (slots_.size() - 1);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = static_cast<std::uint32_t>(id) + 1;
  }
}

std::string_view Vocabulary::bytes(int id) const {
  if (id < 0 || id >= size()) return {};
  const auto at = static_cast<std::size_t>(id);
  return std::string_view(text_).substr(begin_[at], length_[at]);
}

std::optional<int> Vocabulary::find(std::string_view wanted) const {
  auto slot = hash(wanted) & (slots_.size() - 1);
  for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    const int id = static_cast<int>(slots_[slot] - 1);
    if (bytes(id) == wanted) return id;
  }
  return std::nullopt;
}

Vocabulary::Merge Vocabulary::find_merge(std::string_view wanted) const {
  const auto id = find(wanted);
  return id ? Merge{*id, ranks_[static_cast<std::size_t>(*id)]} : Merge{};
}

std::optional<int> Vocabulary::find_added(std::string_view content) const {
  const auto found = std::ranges::find(added_, content, &AddedToken::content);
  return found == added_.end() ? std::nullopt : std::optional(found->id);
}

bool Vocabulary::is_special(int id) const {
  return id >= 0 && id < size() && special_[static_cast<std::size_t>(id)];
}

}  // namespace steno::asr
