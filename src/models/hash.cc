#include "models/hash.h"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <vector>

namespace steno::models {
namespace {

constexpr std::size_t kBlock = 1 << 20;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

class Digest {
 public:
  explicit Digest(const EVP_MD* kind) : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    require(context_ && EVP_DigestInit_ex(context_.get(), kind, nullptr) == 1);
  }

  void add(const void* bytes, std::size_t count) {
    require(EVP_DigestUpdate(context_.get(), bytes, count) == 1);
  }

  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
    unsigned length = 0;
    require(EVP_DigestFinal_ex(context_.get(), value.data(), &length) == 1);
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
      text += "0123456789abcdef"[value[i] >> 4];
      text += "0123456789abcdef"[value[i] & 15];
    }
    return text;
  }

 private:
  static void require(bool done) {
    if (!done) throw std::runtime_error("libcrypto cannot compute a hash");
  }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

Result<std::string> hash_file(const std::string& path, HashKind kind, const std::stop_token& stop) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!file || error) return fail(Errc::io, path + ": cannot be read: " + std::strerror(errno));
  Digest digest(kind == HashKind::sha256 ? EVP_sha256() : EVP_sha1());
  if (kind == HashKind::git_blob) {
    const std::string header = "blob " + std::to_string(size);
    digest.add(header.c_str(), header.size() + 1);  // with its closing zero
  }
  std::vector<char> block(kBlock);
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), file.get())) {
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    digest.add(block.data(), count);
  }
  if (std::ferror(file.get())) return fail(Errc::io, path + ": cannot be read");
  return digest.hex();
}

}  // namespace steno::models
