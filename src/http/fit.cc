#include "http/fit.h"

#include <algorithm>
#include <charconv>

#include "http/characters.h"

namespace steno::http {
namespace {

/// An entity tag without its weakness prefix, as If-None-Match compares tags.
std::string_view opaque(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

bool matches(std::string_view if_none_match, std::string_view etag) {
  bool found = false;
  for_each_element(if_none_match, [&](std::string_view tag) {
    found = found || tag == "*" || opaque(tag) == opaque(etag);
  });
  return found;
}

struct Range {
  enum class Kind { ignored, satisfiable, unsatisfiable };
  Kind kind = Kind::ignored;
  Span span = {};
};

bool read_number(std::string_view text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

Range suffix_range(std::uint64_t wanted, std::uint64_t size) {
  if (wanted == 0 || size == 0) return {Range::Kind::unsatisfiable};
  const auto length = std::min(wanted, size);
  return {Range::Kind::satisfiable, {size - length, length}};
}

/// Reads a single byte range. Several ranges, other units and invalid values are ignored, as RFC
/// 9110 allows.
Range read_range(std::string_view value, std::uint64_t size) {
  if (!equal_ignoring_case(value.substr(0, 6), "bytes=")) return {};
  value = trim(value.substr(6));
  const auto dash = value.find('-');
  if (dash == std::string_view::npos || value.find(',') != std::string_view::npos) return {};
  const auto first_text = value.substr(0, dash);
  const auto last_text = value.substr(dash + 1);
  std::uint64_t first = 0;
  std::uint64_t last = UINT64_MAX;
  if (!last_text.empty() && !read_number(last_text, last)) return {};
  if (first_text.empty()) return last_text.empty() ? Range{} : suffix_range(last, size);
  if (!read_number(first_text, first) || first > last) return {};
  if (first >= size) return {Range::Kind::unsatisfiable};
  last = std::min(last, size - 1);
  return {Range::Kind::satisfiable, {first, last - first + 1}};
}

bool takes_ranges(const Response& response) {
  return response.status == 200 && !response.headers.has("Content-Encoding") &&
         (response.headers.has("ETag") ||
          std::holds_alternative<std::shared_ptr<ByteSource>>(response.body));
}

/// Evaluates If-Range: a range is sent only if the client's copy is of the same version.
bool is_same_version(const RequestHead& request, const Response& response) {
  const auto condition = request.headers.get("If-Range");
  if (!condition) return true;
  const auto etag = response.headers.get("ETag");
  return etag && *condition == *etag && !etag->starts_with("W/");
}

Span fit_range(const RequestHead& request, Response& response, std::uint64_t size) {
  response.headers.set("Accept-Ranges", "bytes");
  const auto header = request.headers.get("Range");
  if (!header || request.method != "GET" || !is_same_version(request, response)) return {0, size};
  const Range range = read_range(*header, size);
  const std::string total = "/" + std::to_string(size);
  switch (range.kind) {
    case Range::Kind::ignored:
      return {0, size};
    case Range::Kind::unsatisfiable: {
      const Problem problem{416, "range_not_satisfiable", "the range lies behind the end"};
      response = Response::problem(problem).with("Content-Range", "bytes *" + total);
      return {0, body_size(response)};
    }
    case Range::Kind::satisfiable:
      break;
  }
  response.status = 206;
  const auto last = range.span.offset + range.span.size - 1;
  response.headers.set("Content-Range", "bytes " + std::to_string(range.span.offset) + "-" +
                                            std::to_string(last) + total);
  return range.span;
}

}  // namespace

std::uint64_t body_size(const Response& response) {
  if (const auto* source = std::get_if<std::shared_ptr<ByteSource>>(&response.body)) {
    return (*source)->size();
  }
  return body_bytes(response).size();
}

std::string_view body_bytes(const Response& response) {
  if (const auto* own = std::get_if<std::string>(&response.body)) return *own;
  const auto* shared = std::get_if<std::shared_ptr<const std::string>>(&response.body);
  return shared != nullptr && *shared != nullptr ? std::string_view(**shared) : std::string_view();
}

Span fit(const RequestHead& request, Response& response) {
  const std::uint64_t size = body_size(response);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (!reads || response.status != 200) return {0, size};
  const auto condition = request.headers.joined("If-None-Match");
  const auto etag = response.headers.get("ETag");
  if (etag && !condition.empty() && matches(condition, *etag)) {
    response.status = 304;
    response.headers.remove("Content-Type");
    return {};
  }
  return takes_ranges(response) ? fit_range(request, response, size) : Span{0, size};
}

}  // namespace steno::http
