#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

// The header fields of the tus protocol, version 1.0.0 (https://tus.io/protocols/resumable-upload).

namespace steno::api {

inline constexpr std::string_view kTusVersion = "1.0.0";
inline constexpr std::string_view kTusExtensions =
    "creation,creation-with-upload,checksum,expiration,termination";
inline constexpr std::string_view kTusChecksums = "sha1,sha256";

/// Upload-Metadata: "filename dGFsay5tcDM=,is_confidential". Keys and decoded values; a key that
/// comes twice, an empty one and a value that is not base64 are invalid_argument.
Result<std::vector<std::pair<std::string, std::string>>> parse_upload_metadata(
    std::string_view text);

/// The value of "filename" or "name", as the client wrote it; "" if there is none or the header
/// cannot be read.
std::string upload_file_name(std::string_view metadata);

/// Upload-Checksum: "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=".
struct UploadChecksum {
  Digest::Kind kind;
  std::string value;  ///< 20 or 32 bytes
};
/// Fails with invalid_argument for another algorithm, and for a value of another length.
Result<UploadChecksum> parse_upload_checksum(std::string_view text);

inline constexpr std::uint64_t kMostUploadNumber = std::uint64_t{1} << 62;

/// Upload-Length and Upload-Offset: digits alone, at most kMostUploadNumber.
Result<std::uint64_t> parse_upload_number(std::string_view text);

/// The time as HTTP writes it (RFC 9110, 5.6.7): "Wed, 25 Nov 2026 18:03:07 GMT".
std::string to_http_date(std::int64_t unix_seconds);

}  // namespace steno::api
