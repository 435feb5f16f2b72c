#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "http/request.h"

namespace steno::http {

/// Takes the framing off a request's body as it comes. Beast's parser, kept out of the headers.
class BodyDecoder {
 public:
  struct Step {
    std::size_t consumed = 0;  ///< bytes of the input that are done with
    std::size_t produced = 0;  ///< bytes of the body that were written to the output
  };

  virtual ~BodyDecoder() = default;
  /// Decodes as much as fits. Fails for framing that is broken; a Step of zeros asks for more
  /// input.
  virtual Result<Step> decode(std::string_view in, std::span<char> out) = 0;
  virtual bool done() const = 0;
};

/// A request's header, and the decoder of the body that follows; null if none does.
struct ParsedHead {
  RequestHead head;  ///< without remote_address, id, secure
  std::unique_ptr<BodyDecoder> body;
};

/// Reads a header that check_raw_header() has let through, with its empty line. Fails for a path or
/// query that cannot be decoded. The trailers of a chunked body may have `trailer_limit` bytes.
Result<ParsedHead> parse_head(std::string_view header, std::size_t trailer_limit);

}  // namespace steno::http
