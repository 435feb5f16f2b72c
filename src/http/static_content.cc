#include "http/static_content.h"

#include <openssl/sha.h>

#include <array>
#include <memory>

namespace steno::http {
namespace {

std::string tag_of(std::string_view content) {
  constexpr std::size_t kBytes = 12;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), hash.data());
  std::string text;
  for (std::size_t i = 0; i < kBytes; ++i) {
    text += kDigits[hash[i] >> 4];
    text += kDigits[hash[i] & 15];
  }
  return etag(text);
}

}  // namespace

Handler static_content(std::string_view content_type, std::string content,
                       std::string_view cache_control) {
  const auto shared = std::make_shared<const std::string>(std::move(content));
  const Response whole = Response::of(content_type, shared)
                             .with("ETag", tag_of(*shared))
                             .with("Cache-Control", cache_control);
  return [whole](Request&, Responder& responder) { return responder.send(whole); };
}

}  // namespace steno::http
