#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace steno::http {

/// The header of one part of multipart/form-data.
struct PartHeader {
  std::string name;                      ///< the name of the form's field
  std::optional<std::string> file_name;  ///< as the client sent it; never use it as a path
  std::string content_type;              ///< "" if the part has none
};

struct MultipartLimits {
  std::size_t parts = 100;
  std::size_t header_bytes = 8 * 1024;  ///< most bytes of one part's header
};

/// Callbacks of the parser. All three must be set. The first failure that a callback returns ends
/// the parsing.
struct MultipartCallbacks {
  std::function<Result<void>(const PartHeader&)> on_part;
  std::function<Result<void>(std::string_view)> on_data;  ///< a piece of the part, never empty
  std::function<Result<void>()> on_part_end;
};

/// The boundary in a Content-Type of multipart/form-data. Fails with invalid_argument for another
/// type, and for a boundary that is missing, longer than 70 characters or not allowed by RFC 2046.
Result<std::string> multipart_boundary(std::string_view content_type);

/// Parses a multipart/form-data body (RFC 7578) incrementally: bytes in, parts out. Does no input
/// or output of its own. Buffers at most one part's header and one boundary. Not thread-safe.
class MultipartParser {
 public:
  MultipartParser(std::string_view boundary, MultipartCallbacks callbacks,
                  MultipartLimits limits = {});

  /// Parses the next bytes. A failure is final: all later calls return it too.
  Result<void> feed(std::string_view bytes);
  /// Ends the input. Fails if the closing boundary is missing.
  Result<void> finish();

 private:
  enum class State { preamble, after_boundary, header, data, epilogue };

  Result<void> consume();
  Result<void> step();
  Result<void> find_boundary();
  Result<void> end_boundary_line();
  Result<void> open_part();

  std::string delimiter_;  ///< CR LF "--" boundary
  MultipartCallbacks callbacks_;
  MultipartLimits limits_;
  std::string pending_;  ///< bytes that have not been parsed
  State state_ = State::preamble;
  std::size_t parts_ = 0;
  std::optional<Error> failure_;
};

}  // namespace steno::http
