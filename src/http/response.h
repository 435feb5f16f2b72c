#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "http/headers.h"
#include "http/problem.h"

namespace steno::http {

/// Bytes of known length that are sent in pieces, such as a file or a stored object.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  /// Fills `into` from `offset` and returns the number of bytes, which is smaller only at the end.
  /// Called on a thread that may block, one call at a time. Throws if the source cannot be read.
  virtual std::size_t read(std::uint64_t offset, std::span<char> into) = 0;
};

/// A whole answer. Responder::send() adds what depends on the request: 304 for If-None-Match if
/// there is an `ETag` (a quoted string), 206 or 416 for a single range, gzip, Vary.
struct Response {
  using Body =
      std::variant<std::string, std::shared_ptr<const std::string>, std::shared_ptr<ByteSource>>;

  int status = 200;
  Headers headers = {};
  Body body = {};

  /// Sets a header: `Response::text(200, "x").with("ETag", etag("1"))`.
  Response with(std::string_view name, std::string_view value) &&;

  /// An answer without a body: 204, 304, redirects.
  static Response empty(int status);
  static Response text(int status, std::string body);
  static Response json(int status, const nlohmann::json& value);
  static Response problem(const Problem& problem);
  /// An answer with any text or bytes and their media type.
  static Response of(std::string_view content_type, Body body);
};

/// Formats `value` as a strong entity tag. Throws std::invalid_argument for a quote or control
/// character.
std::string etag(std::string_view value);

enum class Disposition { attachment, inline_view };

/// Formats a Content-Disposition header for any file name (RFC 6266). The ASCII form contains no
/// quotes or path separators. The UTF-8 form is added if it differs.
std::string content_disposition(Disposition disposition, std::string_view file_name);

}  // namespace steno::http
