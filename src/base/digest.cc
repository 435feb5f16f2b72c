#include "base/digest.h"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace steno {
namespace {

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL cannot compute a hash");
}

}  // namespace

struct Digest::Context {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> state{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

Digest::Digest(Kind kind) : context_(std::make_unique<Context>()) {
  const EVP_MD* algorithm = kind == Kind::sha256 ? EVP_sha256() : EVP_sha1();
  require(context_->state && EVP_DigestInit_ex(context_->state.get(), algorithm, nullptr) == 1);
}
Digest::~Digest() = default;
Digest::Digest(Digest&& other) noexcept = default;
Digest& Digest::operator=(Digest&& other) noexcept = default;

void Digest::add(std::string_view bytes) {
  require(EVP_DigestUpdate(context_->state.get(), bytes.data(), bytes.size()) == 1);
}

std::string Digest::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned length = 0;
  require(EVP_DigestFinal_ex(context_->state.get(), value.data(), &length) == 1);
  return {value.begin(), value.begin() + length};
}

std::string sha256(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.finish();
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
    text.push_back(kDigits[static_cast<unsigned char>(byte) & 15]);
  }
  return text;
}

}  // namespace steno
