#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace steno {

/// Decodes base64 (RFC 4648, section 4) that comes in pieces, strictly: no other characters, no
/// line breaks, padded, and no bits left over. Not thread-safe.
class Base64Decoder {
 public:
  /// Appends what `text` gives to `bytes`.
  Result<void> feed(std::string_view text, std::string& bytes);
  /// Fails when the text has ended within a group of four.
  Result<void> finish() const;

 private:
  std::array<unsigned char, 4> group_{};
  std::size_t filled_ = 0;
  std::size_t padding_ = 0;
  bool ended_ = false;  ///< padding has been seen
};

/// What decode_base64() takes, as a regular expression of JSON Schema.
inline constexpr const char* kBase64Pattern =
    "([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?";

/// The bytes of a whole text.
Result<std::string> decode_base64(std::string_view text);
/// Bytes as such a text, on one line.
std::string encode_base64(std::string_view bytes);

}  // namespace steno
