#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.h"
#include "http/response.h"

namespace steno::http {

std::uint64_t body_size(const Response& response);

/// The bytes of an in-memory body.
std::string_view body_bytes(const Response& response);

/// The part of a body that is sent, in bytes.
struct Span {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// Applies the request's conditional and range headers to an answer (RFC 9110 13 and 14): 304, 206,
/// 416. Returns the part of the body to send.
Span fit(const RequestHead& request, Response& response);

/// Whether the answer should be compressed for this request. Sets Vary if the decision depends on
/// Accept-Encoding.
bool should_compress(const RequestHead& request, Response& response);

/// Whether an Accept-Encoding header allows gzip, by name with a quality above 0 or by "*".
bool accepts_gzip(std::string_view accept_encoding);

/// Compresses `bytes` in the gzip format. Throws std::bad_alloc.
std::string gzip(std::string_view bytes);

/// Replaces an in-memory body by its gzip form and sets the matching headers.
void replace_body(Response& response, std::string compressed);

}  // namespace steno::http
