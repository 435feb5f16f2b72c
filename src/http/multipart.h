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
  std::string name;                      ///< of the form's field
  std::optional<std::string> file_name;  ///< as the client wrote it: not a path to be trusted
  std::string content_type;              ///< "" if the part has none
};

struct MultipartLimits {
  std::size_t parts = 100;
  std::size_t header_bytes = 8 * 1024;  ///< of one part
};

/// What the parser tells; all three are set. The first failure a callback returns ends the parsing.
struct MultipartCallbacks {
  std::function<Result<void>(const PartHeader&)> on_part;
  std::function<Result<void>(std::string_view)> on_data;  ///< a piece of the part, never empty
  std::function<Result<void>()> on_part_end;
};

/// The boundary out of a Content-Type of multipart/form-data; invalid_argument for another type, a
/// missing boundary, one over 70 characters or with characters that RFC 2046 does not allow.
Result<std::string> multipart_boundary(std::string_view content_type);

/// Takes a body of multipart/form-data (RFC 7578) apart as it comes: bytes in, parts out. Knows no
/// network. Keeps no more than one part's header and one boundary. Not thread-safe.
class MultipartParser {
 public:
  MultipartParser(std::string_view boundary, MultipartCallbacks callbacks,
                  MultipartLimits limits = {});

  /// The next bytes. A failure is final: it is returned by all later calls, too.
  Result<void> feed(std::string_view bytes);
  /// No more bytes; fails if the closing boundary is missing.
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
  std::string pending_;  ///< bytes not yet understood
  State state_ = State::preamble;
  std::size_t parts_ = 0;
  std::optional<Error> failure_;
};

}  // namespace steno::http
