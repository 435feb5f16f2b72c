#include <zlib.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <stdexcept>

#include "http/characters.h"
#include "http/fit.h"

namespace steno::http {
namespace {

constexpr std::size_t kLeastBytes = 1024;  // shorter bodies gain little
constexpr int kLevel = 5;
constexpr int kGzipWindow = 15 + 16;
constexpr int kMemoryLevel = 8;

bool is_text(std::string_view content_type) {
  const auto type = trim(content_type.substr(0, content_type.find(';')));
  if (type == "text/event-stream") return false;
  return type.starts_with("text/") || type.ends_with("json") || type.ends_with("xml") ||
         type.ends_with("javascript") || type == "application/x-subrip" || type == "image/svg+xml";
}

/// The quality value of "gzip;q=0.5". An invalid value counts as 0.
double quality(std::string_view parameters) {
  const auto text = trim(parameters);
  if (text.empty()) return 1;
  if (!equal_ignoring_case(text.substr(0, 2), "q=")) return 0;
  double value = 0;
  const auto number = text.substr(2);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  return error == std::errc() && end == number.data() + number.size() ? value : 0;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  double named = -1;
  double any = -1;
  for_each_element(accept_encoding, [&](std::string_view element) {
    const auto semicolon = std::min(element.find(';'), element.size());
    const auto coding = trim(element.substr(0, semicolon));
    const double value = quality(element.substr(std::min(semicolon + 1, element.size())));
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) named = value;
    if (coding == "*") any = value;
  });
  return (named >= 0 ? named : any) > 0;
}

bool should_compress(const RequestHead& request, Response& response) {
  const auto type = response.headers.get("Content-Type");
  const bool can = type && is_text(*type) && body_bytes(response).size() >= kLeastBytes &&
                   !response.headers.has("Content-Encoding");
  if (!can) return false;
  response.headers.add("Vary", "Accept-Encoding");
  return !request.headers.has("Range") && accepts_gzip(request.headers.joined("Accept-Encoding"));
}

std::string gzip(std::string_view bytes) {
  z_stream stream = {};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    throw std::bad_alloc();
  }
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  // zlib does not modify its input; the cast only adds the const that its type lacks.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("gzip did not end");
  return out;
}

void replace_body(Response& response, std::string compressed) {
  response.headers.set("Content-Encoding", "gzip");
  // Compressed bytes need a different strong tag. A weak tag states that the content is equivalent.
  if (const auto etag = response.headers.get("ETag"); etag && !etag->starts_with("W/")) {
    response.headers.set("ETag", "W/" + std::string(*etag));
  }
  response.body = std::move(compressed);
}

}  // namespace steno::http
