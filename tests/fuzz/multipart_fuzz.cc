// Any bytes as a multipart body must give parts or an error, independent of how the bytes are
// split.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/multipart.h"

namespace {

using steno::Result;
using steno::http::MultipartCallbacks;
using steno::http::MultipartParser;
using steno::http::PartHeader;

void require(bool good) {
  if (!good) std::abort();
}

/// The parser's callbacks as text, followed by its failure.
std::string parse(std::string_view body, std::size_t piece) {
  std::string told;
  MultipartCallbacks callbacks;
  callbacks.on_part = [&told](const PartHeader& part) -> Result<void> {
    told += "<" + part.name + "|" + part.file_name.value_or("-") + "|" + part.content_type + ">";
    return {};
  };
  callbacks.on_data = [&told](std::string_view data) -> Result<void> {
    require(!data.empty());
    told += data;
    return {};
  };
  callbacks.on_part_end = [&told]() -> Result<void> {
    told += "</>";
    return {};
  };
  MultipartParser parser("XX", callbacks, {.parts = 5, .header_bytes = 100});
  Result<void> fed;
  for (std::size_t at = 0; fed && at < body.size(); at += piece) {
    fed = parser.feed(body.substr(at, piece));
  }
  if (fed) fed = parser.finish();
  return fed ? told : told + "!";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = parse(text, std::max<std::size_t>(text.size(), 1));
  const std::string split = parse(text, 1U + data[0] % 32U);
  // The number of callbacks before a failure depends on the pieces. The failure itself does not.
  require(whole.ends_with('!') == split.ends_with('!') || whole == split);
  if (!whole.ends_with('!')) require(whole == split);
  const auto boundary = steno::http::multipart_boundary(text);
  if (boundary) require(!boundary->empty() && boundary->size() <= 70);
  return 0;
}
