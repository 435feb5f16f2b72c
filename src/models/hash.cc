#include "models/hash.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/digest.h"

namespace steno::models {
namespace {

constexpr std::size_t kReadBytes = 1 << 20;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<std::string> hash_file(const std::string& path, HashKind kind, const std::stop_token& stop) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!file || error) return fail(Errc::io, path + ": cannot be read: " + std::strerror(errno));
  Digest digest(kind == HashKind::sha256 ? Digest::Kind::sha256 : Digest::Kind::sha1);
  if (kind == HashKind::git_blob) {
    const std::string header = "blob " + std::to_string(size);
    digest.add({header.c_str(), header.size() + 1});  // includes the terminating zero
  }
  std::vector<char> block(kReadBytes);
  while (const std::size_t count = std::fread(block.data(), 1, block.size(), file.get())) {
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    digest.add({block.data(), count});
  }
  if (std::ferror(file.get())) return fail(Errc::io, path + ": cannot be read");
  return to_hex(digest.finish());
}

}  // namespace steno::models
