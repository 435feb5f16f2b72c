#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "service/uploads.h"

// The header fields of the tus protocol, version 1.0.0 (https://tus.io/protocols/resumable-upload).

namespace steno::api {

inline constexpr std::string_view kTusVersion = "1.0.0";
inline constexpr std::string_view kTusExtensions =
    "creation,creation-with-upload,checksum,expiration,termination";
inline constexpr std::string_view kTusChecksums = "sha1,sha256";

/// Reads Upload-Checksum: "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=". `invalid_argument` for another
/// algorithm, and for a value of another length.
Result<service::UploadChecksum> parse_upload_checksum(std::string_view text);

inline constexpr std::uint64_t kMostUploadNumber = std::uint64_t{1} << 62;

/// Parses Upload-Length and Upload-Offset: digits only, at most kMostUploadNumber.
Result<std::uint64_t> parse_upload_number(std::string_view text);

/// The time in HTTP format (RFC 9110, 5.6.7): "Wed, 25 Nov 2026 18:03:07 GMT".
std::string to_http_date(std::int64_t unix_seconds);

}  // namespace steno::api
