#include "service/upload_metadata.h"

#include <algorithm>

#include "base/base64.h"

namespace steno::service {
namespace {

using Pair = std::pair<std::string, std::string>;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

Result<Pair> parse_pair(std::string_view text) {
  text = trimmed(text);
  const size_t blank = text.find(' ');
  const std::string_view key = text.substr(0, blank);
  if (key.empty()) return fail(Errc::invalid_argument, "a key of Upload-Metadata is empty");
  if (blank == std::string_view::npos) return Pair(key, "");
  auto value = decode_base64(trimmed(text.substr(blank)));
  if (!value) return fail(Errc::invalid_argument, "Upload-Metadata: " + value.error().message);
  return Pair(key, *std::move(value));
}

}  // namespace

Result<std::vector<Pair>> parse_upload_metadata(std::string_view text) {
  std::vector<Pair> pairs;
  for (bool more = !trimmed(text).empty(); more;) {
    const size_t comma = text.find(',');
    auto pair = parse_pair(text.substr(0, comma));
    if (!pair) return tl::unexpected(pair.error());
    if (std::ranges::find(pairs, pair->first, &Pair::first) != pairs.end()) {
      return fail(Errc::invalid_argument, "a key of Upload-Metadata comes twice");
    }
    pairs.push_back(*std::move(pair));
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return pairs;
}

std::string upload_file_name(std::string_view metadata) {
  const auto pairs = parse_upload_metadata(metadata);
  if (!pairs) return "";
  for (const char* key : {"filename", "name"}) {
    const auto found = std::ranges::find(*pairs, key, &Pair::first);
    if (found != pairs->end()) return found->second;
  }
  return "";
}

}  // namespace steno::service
