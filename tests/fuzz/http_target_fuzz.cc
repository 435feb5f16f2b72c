// Any text as a request's target, path and query must be decoded or refused. Must not crash.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/query.h"

namespace {

void require(bool good) {
  if (!good) std::abort();
}

/// `text` with every byte escaped.
std::string escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return out;
}

/// Decoded text can be encoded again and then decodes to itself.
void try_query(std::string_view text) {
  const auto query = steno::http::decode_query(text);
  if (!query) return;
  std::string again;
  for (const auto& [key, value] : *query) {
    again += (again.empty() ? "" : "&") + escaped(key) + "=" + escaped(value);
  }
  const auto repeated = steno::http::decode_query(again);
  require(repeated.has_value());
  auto item = repeated->begin();
  for (const auto& own : *query) require(*item++ == own);
}

void try_path(std::string_view text) {
  const auto segments = steno::http::decode_path(text);
  if (!segments) return;
  std::string again;
  for (const std::string& segment : *segments) again += "/" + escaped(segment);
  require(steno::http::decode_path(again.empty() ? "/" : again) == *segments);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto target = steno::http::split_target(text);
  if (target) {
    require(target->path == "*" || target->path.front() == '/');
    try_path(target->path);
    try_query(target->query);
  }
  try_path(text);
  try_query(text);
  return 0;
}
