#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "http/request.h"

namespace steno::http {

/// Removes the framing of a request's body as it arrives. Wraps Beast's parser, whose headers are
/// heavy.
class BodyDecoder {
 public:
  struct Step {
    std::size_t consumed = 0;  ///< bytes of the input that were used
    std::size_t produced = 0;  ///< bytes of the body that were written to the output
  };

  virtual ~BodyDecoder() = default;
  /// Decodes as much as fits. Fails for invalid framing. A Step of zeros means that more input is
  /// needed.
  virtual Result<Step> decode(std::string_view in, std::span<char> out) = 0;
  virtual bool done() const = 0;
};

/// A request's header and the decoder of its body. The decoder is null if there is no body.
struct ParsedHead {
  RequestHead head;  ///< without remote_address, id, secure, host and prefix
  std::unique_ptr<BodyDecoder> body;
};

/// Parses a header, including its empty line, that check_raw_header() has accepted. Fails for a
/// path or query that cannot be decoded. Trailers of a chunked body may have up to `trailer_limit`
/// bytes.
Result<ParsedHead> parse_head(std::string_view header, std::size_t trailer_limit);

}  // namespace steno::http
