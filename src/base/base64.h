#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace steno {

/// Decodes base64 (RFC 4648, section 4) incrementally and strictly: no other characters, no line
/// breaks, with padding, and no remaining bits. Not thread-safe.
class Base64Decoder {
 public:
  /// Decodes `text` and appends the result to `bytes`.
  Result<void> feed(std::string_view text, std::string& bytes);
  /// Fails if the text ended within a group of four.
  Result<void> finish() const;

 private:
  std::array<unsigned char, 4> group_{};
  std::size_t filled_ = 0;
  std::size_t padding_ = 0;
  bool ended_ = false;  ///< padding has been seen
};

/// The input of decode_base64() as a regular expression of JSON Schema.
inline constexpr const char* kBase64Pattern =
    "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?";

/// Decodes a whole text.
Result<std::string> decode_base64(std::string_view text);
/// Encodes bytes as one line.
std::string encode_base64(std::string_view bytes);

}  // namespace steno
