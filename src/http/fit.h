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

/// The part of a body that is sent.
struct Span {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// Fits an answer to what the request's header asks for (RFC 9110 13 and 14): 304, 206, 416.
/// Returns which part of the body belongs to it.
Span fit(const RequestHead& request, Response& response);

/// Whether the answer is to be compressed for this request; says by Vary that it depends on it.
bool should_compress(const RequestHead& request, Response& response);

/// Whether an Accept-Encoding takes gzip: named with a quality above 0, or by "*".
bool accepts_gzip(std::string_view accept_encoding);

/// `bytes` in the gzip format. Throws std::bad_alloc.
std::string gzip(std::string_view bytes);

/// Puts the gzip form of its in-memory body in place of it, with the headers that say so.
void replace_body(Response& response, std::string compressed);

}  // namespace steno::http
