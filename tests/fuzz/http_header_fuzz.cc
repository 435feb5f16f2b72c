// Any bytes as a request. Either our check refuses the header, or Beast accepts it too and the body
// is decoded or refused. Must not crash.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/message_parser.h"
#include "http/raw_header.h"

namespace {

void require(bool good) {
  if (!good) std::abort();
}

void try_body(steno::http::BodyDecoder& decoder, std::string_view in) {
  std::array<char, 37> out;
  while (!decoder.done()) {
    const auto step = decoder.decode(in, out);
    if (!step || (step->consumed == 0 && step->produced == 0)) return;
    require(step->consumed <= in.size() && step->produced <= out.size());
    in.remove_prefix(step->consumed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto end = steno::http::find_header_end(text);
  if (end.state != steno::http::HeaderEnd::State::complete) return 0;
  require(end.size <= size);
  const auto header = text.substr(0, end.size);
  if (const auto problem = steno::http::check_raw_header(header)) {
    require(problem->status == 400 || problem->status == 505);
    return 0;
  }
  auto parsed = steno::http::parse_head(header, 1024);
  if (!parsed) return 0;
  const auto& head = parsed->head;
  require(head.minor_version == 0 || head.headers.has("Host"));
  require(head.length.has_value() != head.headers.has("Transfer-Encoding"));
  if (parsed->body) try_body(*parsed->body, text.substr(end.size));
  return 0;
}
