#include "base/sampled_digest.h"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <vector>

#include "base/step_key.h"

namespace steno {
namespace {

constexpr std::uintmax_t kBlocks = 16;
constexpr std::uintmax_t kBlock = 65536;

std::string read(std::ifstream& file, std::uintmax_t offset, std::uintmax_t size) {
  std::string bytes(size, '\0');
  file.seekg(static_cast<std::streamoff>(offset));
  file.read(bytes.data(), static_cast<std::streamsize>(size));
  bytes.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return bytes;
}

void add_file(StepKey& digest, const std::filesystem::path& path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  digest.add(path.filename().string()).add(failed ? 0 : size);
  if (failed) return;
  std::ifstream file(path, std::ios::binary);
  if (size <= kBlocks * kBlock) {
    digest.add(read(file, 0, size));
    return;
  }
  for (std::uintmax_t i = 0; i < kBlocks; ++i) {
    digest.add(read(file, (size - kBlock) * i / (kBlocks - 1), kBlock));
  }
}

}  // namespace

std::string sampled_digest(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.is_regular_file(failed)) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  StepKey digest("folder");
  for (const auto& file : files) add_file(digest, file);
  return digest.finish();
}

std::string sampled_digest_of_file(const std::filesystem::path& file) {
  StepKey digest("file");
  add_file(digest, file);
  return digest.finish();
}

}  // namespace steno
