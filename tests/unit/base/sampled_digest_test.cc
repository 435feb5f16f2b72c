#include "base/sampled_digest.h"

#include <gtest/gtest.h>

#include <fstream>

#include "unit/base/temporary_folder.h"

namespace steno {
namespace {

void write(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

TEST(SampledDigest, DiffersWithNamesSizesAndContents) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "model.bin";
  write(file, "weights");
  const std::string first = sampled_digest(folder.path());
  EXPECT_EQ(sampled_digest(folder.path()), first);
  write(file, "weightz");
  const std::string changed = sampled_digest(folder.path());
  EXPECT_NE(changed, first);
  write(folder.path() / "config.json", "");
  EXPECT_NE(sampled_digest(folder.path()), changed);
}

TEST(SampledDigest, ReadsTheBeginAndTheEndOfALargeFile) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "model.bin";
  std::string content(size_t{4} << 20, 'a');
  write(file, content);
  const std::string first = sampled_digest(folder.path());
  content.back() = 'b';
  write(file, content);
  EXPECT_NE(sampled_digest(folder.path()), first);
  content.back() = 'a';
  content.front() = 'b';
  write(file, content);
  EXPECT_NE(sampled_digest(folder.path()), first);
}

TEST(SampledDigest, OfAMissingFolderIsThatOfAnEmptyOne) {
  const TemporaryFolder folder;
  EXPECT_EQ(sampled_digest(folder.path() / "none"), sampled_digest(folder.path()));
}

}  // namespace
}  // namespace steno
