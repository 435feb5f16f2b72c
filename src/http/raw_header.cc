// Problem: a proxy and this server can read the same bytes as different requests (request
// smuggling), and Beast accepts several ambiguous forms. Idea: check the raw header before Beast
// parses it, and refuse every form that another server could read differently. Nothing is repaired.
#include "http/raw_header.h"

#include <algorithm>

#include "http/characters.h"
#include "http/headers.h"
#include "http/query.h"

namespace steno::http {
namespace {

constexpr std::size_t kMaxLengthDigits = 18;  // below 2^63

Problem malformed(std::string detail) { return {400, "malformed_request", std::move(detail)}; }

/// Fields seen so far, to find those that must not be repeated or combined.
struct Seen {
  int minor_version = 1;
  std::string authority;  // from an absolute-form target
  std::optional<std::string_view> host;
  bool content_length = false;
  bool transfer_encoding = false;
};

std::optional<Problem> check_version(std::string_view version, Seen& seen) {
  if (version == "HTTP/1.1" || version == "HTTP/1.0") {
    seen.minor_version = version.back() - '0';
    return std::nullopt;
  }
  const bool another = version.size() == 8 && version.starts_with("HTTP/") &&
                       is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!another) return malformed("the request line does not end with an HTTP version");
  return Problem{505, "http_version", "this server speaks HTTP/1.1 and HTTP/1.0"};
}

std::optional<Problem> check_request_line(std::string_view line, Seen& seen) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return malformed("the request line is not: method, space, target, space, version");
  }
  const auto method = line.substr(0, first);
  if (method.empty() || !std::ranges::all_of(method, is_token)) {
    return malformed("the method is not a token");
  }
  const auto target = split_target(line.substr(first + 1, last - first - 1));
  if (!target) return malformed(target.error().message);
  if (target->path == "*" && method != "OPTIONS") return malformed("\"*\" is for OPTIONS only");
  seen.authority = target->authority;
  return check_version(line.substr(last + 1), seen);
}

bool is_host(std::string_view text) {
  const auto fits = [](char c) {
    return is_alphanumeric(c) ||
           std::string_view("-._~!$&'()*+,;=%:[]").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

std::optional<Problem> check_host(std::string_view value, Seen& seen) {
  if (seen.host) return malformed("Host comes twice");
  if (!is_host(value)) return malformed("Host is not a host");
  seen.host = value;
  return std::nullopt;
}

std::optional<Problem> check_content_length(std::string_view value, Seen& seen) {
  if (seen.content_length) return malformed("Content-Length comes twice");
  if (value.empty() || value.size() > kMaxLengthDigits || !std::ranges::all_of(value, is_digit)) {
    return malformed("Content-Length is not a plain number");
  }
  seen.content_length = true;
  return std::nullopt;
}

// Tabs are not trimmed: a server that treats a tab as part of the name sees no chunked body here.
std::optional<Problem> check_transfer_encoding(std::string_view value, Seen& seen) {
  if (seen.transfer_encoding) return malformed("Transfer-Encoding comes twice");
  while (value.starts_with(' ')) value.remove_prefix(1);
  if (!equal_ignoring_case(value, "chunked")) {
    return malformed("Transfer-Encoding is not exactly \"chunked\"");
  }
  seen.transfer_encoding = true;
  return std::nullopt;
}

std::optional<Problem> check_field(std::string_view line, Seen& seen) {
  const auto colon = line.find(':');
  const auto name = line.substr(0, colon);
  if (colon == std::string_view::npos || name.empty() || !std::ranges::all_of(name, is_token)) {
    return malformed("a header line is not: name, colon, value");
  }
  const auto raw = line.substr(colon + 1);
  if (!std::ranges::all_of(raw, is_field_value)) {
    return malformed("a header's value has a control character");
  }
  if (equal_ignoring_case(name, "Host")) return check_host(trim(raw), seen);
  if (equal_ignoring_case(name, "Content-Length")) return check_content_length(trim(raw), seen);
  if (equal_ignoring_case(name, "Transfer-Encoding")) return check_transfer_encoding(raw, seen);
  return std::nullopt;
}

std::optional<Problem> check_together(const Seen& seen) {
  if (seen.content_length && seen.transfer_encoding) {
    return malformed("Content-Length and Transfer-Encoding exclude each other");
  }
  if (seen.transfer_encoding && seen.minor_version == 0) {
    return malformed("HTTP/1.0 has no Transfer-Encoding");
  }
  if (!seen.host && seen.minor_version == 1) return malformed("Host is missing");
  if (!seen.authority.empty() && seen.host && !equal_ignoring_case(seen.authority, *seen.host)) {
    return malformed("the target names another host than Host");
  }
  return std::nullopt;
}

}  // namespace

HeaderEnd find_header_end(std::string_view bytes) {
  std::size_t line = 0;
  for (std::size_t lf = bytes.find('\n'); lf != std::string_view::npos;
       lf = bytes.find('\n', line)) {
    if (lf == line || bytes[lf - 1] != '\r') return {HeaderEnd::State::malformed};
    if (lf == line + 1) return {HeaderEnd::State::complete, lf + 1};
    line = lf + 1;
  }
  return {};
}

std::optional<Problem> check_raw_header(std::string_view header) {
  Seen seen;
  bool first = true;
  while (true) {
    const auto end = header.find("\r\n");
    if (end == std::string_view::npos) return malformed("the header does not end");
    const auto line = header.substr(0, end);
    header.remove_prefix(end + 2);
    if (line.empty() && !first) break;
    auto problem = first ? check_request_line(line, seen) : check_field(line, seen);
    if (problem) return problem;
    first = false;
  }
  if (!header.empty()) return malformed("the header goes on after its end");
  return check_together(seen);
}

}  // namespace steno::http
