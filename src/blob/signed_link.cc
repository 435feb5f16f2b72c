#include "blob/signed_link.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <charconv>
#include <cstdint>
#include <stdexcept>

namespace steno::blob {
namespace {

constexpr std::string_view kExpires = "?expires=";
constexpr std::string_view kSignature = "&signature=";

std::string hex(const unsigned char* bytes, std::size_t count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 15];
  }
  return text;
}

/// Signs exactly the text before the signature in the link, so that no other text gives the same
/// input.
std::string signature_of(std::string_view signed_part, const LinkSecret& secret) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), digest,
           &size) == nullptr) {
    throw std::runtime_error("OpenSSL has no HMAC-SHA256");
  }
  return hex(digest, size);
}

tl::unexpected<Error> wrong() {
  return fail(Errc::invalid_argument, "the link's signature is not right");
}

}  // namespace

std::string sign_link(std::string_view path, std::chrono::system_clock::time_point expires,
                      const LinkSecret& secret) {
  std::string link(path);
  link += kExpires;
  link += std::to_string(std::chrono::system_clock::to_time_t(expires));
  return link + std::string(kSignature) + signature_of(link, secret);
}

Result<std::string> verify_link(std::string_view link, std::chrono::system_clock::time_point now,
                                const LinkSecret& secret) {
  const auto end = link.rfind(kSignature);
  if (end == std::string_view::npos) return wrong();
  const auto signed_part = link.substr(0, end);
  const auto given = link.substr(end + kSignature.size());
  const std::string right = signature_of(signed_part, secret);
  if (given.size() != right.size() ||
      CRYPTO_memcmp(given.data(), right.data(), right.size()) != 0) {
    return wrong();
  }
  const auto path_end = signed_part.find('?');
  if (!signed_part.starts_with('/') || path_end == std::string_view::npos) return wrong();
  const auto query = signed_part.substr(path_end);
  if (!query.starts_with(kExpires)) return wrong();
  std::int64_t expires = 0;
  const char* const last = query.data() + query.size();
  const auto [stop, error] = std::from_chars(query.data() + kExpires.size(), last, expires);
  if (error != std::errc() || stop != last) return wrong();
  if (std::chrono::system_clock::to_time_t(now) >= expires) {
    return fail(Errc::not_found, "the link has expired");
  }
  return std::string(signed_part.substr(0, path_end));
}

}  // namespace steno::blob
